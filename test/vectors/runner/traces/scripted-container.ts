import { constant, type Micros, seconds } from '../../../../engine/index.js';
import type { Pod } from '../../../../models/api/index.js';
import type { ContainerBehaviour, ProbeBehaviour } from '../../../../models/world/index.js';

/**
 * What a container of the recordings of a real kubelet does, as its environment scripts it: SIM_EXIT="life:code,…" for each
 * successive start, the last repeats; SIM_LIVE, SIM_READY, SIM_STARTUP="from-until,…", windows in which the probe succeeds;
 * SIM_TERM_AFTER, seconds from SIGTERM to exit. Times are seconds.
 */
export function scriptedBehaviour(container: Pod['spec']['containers'][number]): ContainerBehaviour {
  const script = (name: string): string | undefined => container.env?.find((variable) => variable.name === name)?.value;
  const exits = script('SIM_EXIT')
    ?.split(',')
    .map((exit) => {
      const [life = '0', code = '0'] = exit.split(':');
      return { after: constant(seconds(Number(life))), code: Number(code) };
    });
  const sigterm = constant(seconds(Number(script('SIM_TERM_AFTER') ?? '0.5')));
  const windows = { liveness: script('SIM_LIVE'), readiness: script('SIM_READY'), startup: script('SIM_STARTUP') };
  const probes = Object.entries(windows).flatMap(([kind, text]) => (text === undefined ? [] : [[kind, outside(text)]]));
  return {
    ...(exits !== undefined && { exits }),
    sigterm: { exitsAfter: sigterm, exitCode: 0 },
    probes: Object.fromEntries(probes),
  };
}

/** A probe that fails outside of these windows. */
function outside(text: string): ProbeBehaviour {
  const failing: { from: Micros; until?: Micros }[] = [];
  let from: Micros | undefined = 0;
  for (const window of text.split(',')) {
    const [begin = '0', end = ''] = window.split('-');
    if (from !== undefined && seconds(Number(begin)) > from) {
      failing.push({ from, until: seconds(Number(begin)) });
    }
    from = end === '' ? undefined : seconds(Number(end));
  }
  if (from !== undefined) {
    failing.push({ from });
  }
  return { failing };
}
