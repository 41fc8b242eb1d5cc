import { type Micros, milliseconds, type Simulation, seconds } from '../../../../engine/index.js';
import type { Kind, Kinds, KubeObject, Pod, PodCondition } from '../../../../models/api/index.js';
import { keyOf } from '../../../../models/api/index.js';
import type { ApiClient, ApiConnection, DeleteOptions, Draft, Then } from '../../../../models/client-go/index.js';
import { createScheduler, schedulerConfiguration } from '../../../../models/scheduler/index.js';
import type { SchedulingRow } from '../../../../models/scheduler/timelines.js';
import { type Defaults, defaultsFor } from '../../../../models/versions/index.js';
import { type AnApiServer, anApiServer } from '../../../helpers/an-api-server.js';
import type { Adapter } from '../adapter.js';
import { compare } from '../compare.js';
import { asObject } from '../times.js';

interface Step {
  readonly at: number;
  readonly object?: unknown;
  readonly delete?: string;
}

interface Entry {
  readonly t: number;
  readonly what: string;
  readonly [field: string]: unknown;
}

const END = seconds(120.5);
/** The scheduler's loops start a tenth of a second after a whole second. */
const START = milliseconds(100);

/** The whole scheduler on an API without latency: attempts, patches, evictions, bindings and events to the millisecond. */
export const adapter: Adapter = function* (file) {
  for (const { id, objects, steps, log } of file.cases) {
    const story = new Story(objects as readonly unknown[], steps as readonly Step[]);
    yield compare(id, inOrder(log as readonly Entry[]), inOrder(story.tell()));
  }
};

const inOrder = (entries: readonly Entry[]): readonly Entry[] =>
  entries
    .map((entry) => Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))) as unknown as Entry)
    .sort((a, b) => a.t - b.t || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

class Story {
  readonly #log: Entry[] = [];
  readonly #cluster: AnApiServer;
  readonly #simulation: Simulation;

  constructor(objects: readonly unknown[], steps: readonly Step[]) {
    const cluster = anApiServer({ record: ['scheduling'] });
    this.#cluster = cluster;
    this.#simulation = cluster.simulation;
    const configuration = schedulerConfiguration(defaultsFor('1.37') as Defaults);
    const scheduler = createScheduler(
      { ...cluster.context, api: this.#observed(cluster.context.api) },
      { ...configuration, schedulingCycle: 0, client: { qps: 0, burst: 0 } },
    );
    this.#simulation.runUntil(START);
    cluster.informers.start();
    scheduler.start();
    for (const object of objects) {
      this.#simulation.after(0, () => this.#create(asObject<KubeObject>(object)));
    }
    for (const { at, object, delete: name } of steps) {
      this.#simulation.after(seconds(at) - START, () => {
        if (object !== undefined) {
          this.#create(asObject<KubeObject>(object));
        } else if (name !== undefined) {
          this.#delete(`default/${name}`);
        }
      });
    }
  }

  tell(): readonly Entry[] {
    this.#simulation.runUntil(END);
    for (const { at, row } of this.#cluster.sink.rows<SchedulingRow>('scheduling')) {
      const { pod, attempt, node, evaluated, feasible, result } = row;
      const what = { t: inSeconds(at), what: 'attempt', pod: nameIn(pod), number: attempt };
      this.#log.push(result === 'scheduled' ? { ...what, node, evaluated, feasible } : what);
    }
    return this.#log;
  }

  #note(what: string, fields: Readonly<Record<string, unknown>>): void {
    this.#log.push({ t: inSeconds(this.#simulation.now), what, ...fields });
  }

  #create(object: KubeObject): void {
    const { user } = this.#cluster;
    user.create(object.kind, object as Draft<Kinds[Kind]>, () => {});
    // A server gives a new pod and budget a status of its own; the recorded one is what a kubelet and a controller left.
    if ((object.kind === 'Pod' || object.kind === 'PodDisruptionBudget') && object.status !== undefined) {
      const { kind, status } = object;
      user.patchStatus(
        kind,
        keyOf(object),
        (current) => ({ ...current, status }) as Kinds[typeof kind],
        () => {},
      );
    }
  }

  /** A pod on a node goes when its grace period is over, as if a kubelet stopped it. */
  #delete(key: string): void {
    this.#note('delete', { pod: nameIn(key) });
    const pod = this.#cluster.server.get('Pod', key);
    if (pod !== undefined) {
      this.#end(pod);
    }
  }

  #end(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      return;
    }
    const key = keyOf(pod);
    const grace = pod.spec.nodeName ? seconds(pod.spec.terminationGracePeriodSeconds ?? 30) : 0;
    const remove = (): void => {
      if (this.#cluster.server.get('Pod', key)?.metadata.uid === pod.metadata.uid) {
        this.#cluster.user.delete('Pod', key, { gracePeriodSeconds: 0 }, () => {});
      }
    };
    if (grace === 0) {
      remove();
    } else {
      this.#cluster.user.delete('Pod', key, {}, () => {});
      this.#simulation.after(grace, () => {
        remove();
        this.#note('gone', { pod: pod.metadata.name });
      });
    }
  }

  /** The scheduler's connection, with its writes noted. */
  #observed(api: ApiConnection): ApiConnection {
    return {
      ...api,
      client: (options) => this.#observedClient(api.client(options)),
      seriesEventRecorder: () => ({
        event: (regarding, type, reason, message, action) => {
          const name = 'metadata' in regarding ? regarding.metadata.name : regarding.name;
          this.#note('event', { pod: name, type, reason, action, note: this.#withRecordedUids(message) });
        },
        reset: () => {},
      }),
    };
  }

  #observedClient(client: ApiClient): ApiClient {
    const patchStatus = <K extends Kind>(
      kind: K,
      key: string,
      change: (current: Kinds[K]) => Kinds[K],
      then: Then<Kinds[K]>,
    ): void => {
      const before = this.#cluster.server.get('Pod', key);
      if (before !== undefined) {
        const after = change(before as Kinds[K]) as Pod;
        this.#note('patchStatus', { pod: before.metadata.name, ...patched(before, after) });
      }
      client.patchStatus(kind, key, change, then);
    };
    const remove = <K extends Kind>(_kind: K, key: string, _options: DeleteOptions, then: Then<Kinds[K]>): void => {
      const pod = this.#cluster.server.get('Pod', key);
      this.#delete(key);
      this.#simulation.after(0, () => then({ ok: true, object: pod as Kinds[K] }));
    };
    const bind: ApiClient['bind'] = (key, uid, node, then) => {
      this.#note('bind', { pod: nameIn(key), node });
      client.bind(key, uid, node, then);
    };
    return Object.assign(Object.create(client) as ApiClient, {
      patchStatus,
      delete: remove,
      bind,
      abandon: () => client.abandon(),
    });
  }

  /** Recorded pods have the uid "uid-NAME". */
  #withRecordedUids(text: string): string {
    let found = text;
    for (const { metadata } of this.#cluster.server.list('Pod')) {
      found = found.replace(metadata.uid ?? '', `uid-${metadata.name}`);
    }
    return found;
  }
}

const inSeconds = (at: Micros): number => Math.round(at / 1000) / 1000;
const nameIn = (key: string): string => key.slice(key.indexOf('/') + 1);

/** A merge patch: fields that do not change are empty. */
function patched(before: Pod, after: Pod): Record<string, unknown> {
  const changed = (after.status?.conditions ?? []).find(
    (condition) => !(before.status?.conditions ?? []).includes(condition),
  );
  const [was, is] = [before.status?.nominatedNodeName ?? '', after.status?.nominatedNodeName ?? ''];
  return {
    ...(changed && { condition: conditionPatch(before, changed) }),
    ...(was !== is && { nominatedNodeName: is }),
  };
}

function conditionPatch(before: Pod, { type, status, reason, message }: PodCondition): readonly string[] {
  const known = before.status?.conditions?.find((condition) => condition.type === type);
  const field = (was: string | undefined, is: string | undefined): string => (was === is ? '' : (is ?? ''));
  return [type, field(known?.status, status), field(known?.reason, reason), field(known?.message, message)];
}
