import { constant, seconds } from '../../../../engine/index.js';
import { type AnyObject, keyOf, type PodSpec } from '../../../../models/api/index.js';
import type { ContainerBehaviour, ContainerExit, ProbeBehaviour } from '../../../../models/world/index.js';

/** The SIM_… environment variables of the kubelet's recordings (traces/README.md, "The real kubelet"), as behaviours by "pod/container". */
export function scriptedBehaviours(objects: readonly AnyObject[]): ReadonlyMap<string, ContainerBehaviour> {
  const behaviours = new Map<string, ContainerBehaviour>();
  for (const object of objects.filter(({ kind }) => kind === 'Pod')) {
    const { initContainers = [], containers } = (object as unknown as { readonly spec: PodSpec }).spec;
    for (const { name, env = [] } of [...initContainers, ...containers]) {
      const variables = new Map(env.map((variable) => [variable.name, variable.value ?? '']));
      behaviours.set(`${keyOf(object)}/${name}`, behaviourOf(variables));
    }
  }
  return behaviours;
}

/** What the scripted runtime takes to stop a container that says nothing (kubelet-liveness/facts.md); its exit code is 0. */
const TERM_AFTER_SECONDS = 0.5;

function behaviourOf(variables: ReadonlyMap<string, string>): ContainerBehaviour {
  const exits = variables.get('SIM_EXIT');
  const termAfter = variables.get('SIM_TERM_AFTER');
  const probes = [
    ['liveness', 'SIM_LIVE'],
    ['readiness', 'SIM_READY'],
    ['startup', 'SIM_STARTUP'],
  ].flatMap(([probe, variable]) => {
    const windows = variables.get(variable as string);
    return windows === undefined ? [] : [[probe, outside(windows)] as const];
  });
  return {
    ...(exits === undefined ? {} : { exits: exits.split(',').map(exitOf) }),
    sigterm: { exitsAfter: constant(seconds(Number(termAfter ?? TERM_AFTER_SECONDS))), exitCode: 0 },
    ...(probes.length === 0 ? {} : { probes: Object.fromEntries(probes) }),
  };
}

function exitOf(text: string): ContainerExit {
  const [life = '0', code = '0'] = text.split(':');
  return { after: constant(seconds(Number(life))), code: Number(code) };
}

/** "8-30,45-": succeeds from 8 to 30 s and from 45 s on; fails in between and before. */
function outside(windows: string): ProbeBehaviour {
  const failing: { from: number; until?: number }[] = [];
  let from = 0;
  for (const window of windows.split(',')) {
    const [start = '', end = ''] = window.split('-');
    if (Number(start) > from) {
      failing.push({ from: seconds(from), until: seconds(Number(start)) });
    }
    if (end === '') {
      return { failing };
    }
    from = Number(end);
  }
  failing.push({ from: seconds(from) });
  return { failing };
}
