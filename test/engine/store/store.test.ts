import { Store, type Watcher } from '../../../engine/index.js';

interface Thing {
  readonly name: string;
  readonly version: number;
  readonly node?: string;
}

const things = (versionsKept = 0) =>
  new Store<{ Thing: Thing }>(
    { keyOf: (t) => t.name, versionOf: (t) => t.version, withVersion: (t, version) => ({ ...t, version }) },
    versionsKept,
  );

const thing = (name: string, rest: Partial<Thing> = {}): Thing => ({ name, version: 0, ...rest });

const log = (): { readonly told: string[]; readonly watcher: Watcher<Thing> } => {
  const told: string[] = [];
  const watcher: Watcher<Thing> = {
    added: (t) => told.push(`added ${t.name} ${t.version}`),
    modified: (t, before) => told.push(`modified ${t.name} ${before.version}>${t.version}`),
    deleted: (t) => told.push(`deleted ${t.name} ${t.version}`),
  };
  return { told, watcher };
};

describe('a store', () => {
  it('refuses what etcd refuses: a second create, a stale update, a missing object', () => {
    const store = things();
    const created = store.create('Thing', thing('a'));
    expect(created).toEqual({ ok: true, object: thing('a', { version: 1 }) });
    expect(store.create('Thing', thing('a'))).toEqual({ ok: false, reason: 'AlreadyExists' });
    const read = store.get('Thing', 'a') as Thing;
    expect(store.update('Thing', read, { ...read, node: 'n1' }).ok).toBe(true);
    expect(store.update('Thing', read, { ...read, node: 'n2' })).toEqual({ ok: false, reason: 'Conflict' });
    expect(store.update('Thing', thing('b'), thing('b'))).toEqual({ ok: false, reason: 'NotFound' });
    expect(store.delete('Thing', 'b')).toEqual({ ok: false, reason: 'NotFound' });
  });

  it('tells watchers of every write, with the version before, until they stop', () => {
    const store = things();
    const { told, watcher } = log();
    const stop = store.watch('Thing', watcher);
    store.create('Thing', thing('a'));
    const a = store.get('Thing', 'a') as Thing;
    store.update('Thing', a, { ...a, node: 'n1' });
    store.delete('Thing', 'a');
    stop();
    store.create('Thing', thing('a'));
    expect(told).toEqual(['added a 1', 'modified a 1>2', 'deleted a 3']);
  });

  it('keeps as many past versions of an object as it was told to', () => {
    const store = things(2);
    store.create('Thing', thing('a'));
    for (const node of ['n1', 'n2', 'n3']) {
      const a = store.get('Thing', 'a') as Thing;
      store.update('Thing', a, { ...a, node });
    }
    store.delete('Thing', 'a');
    expect(store.history('Thing', 'a').map((t) => t.node)).toEqual(['n2', 'n3']);
  });
});
