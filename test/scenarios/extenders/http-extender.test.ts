import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { milliseconds, seconds } from '../../../engine/index.js';
import { kubernetes } from '../../../models/cluster.js';
import { type HttpExtenders, httpExtenders } from '../../../scenarios/extenders/index.js';
import { loadScenario } from '../../../scenarios/load.js';
import { runToFolder } from '../../../scenarios/run/to-folder.js';
import { AScheduler, aNode, aPod } from '../../models/scheduler/a-scheduler.js';

/** An extender as users write them, in a thread of its own because the simulation holds this one. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const answers = {
  '/no-small/filter': ({ Nodes }) => ({
    Nodes: { items: Nodes.items.filter(({ metadata }) => metadata.name !== 'small') },
    FailedNodes: { small: 'too small for us' },
  }),
  '/names/filter': ({ NodeNames }) => ({ NodeNames: NodeNames.slice(-1), FailedAndUnresolvableNodes: {} }),
  '/likes-small/prioritize': ({ NodeNames }) => NodeNames.map((Host) => ({ Host, Score: Host === 'small' ? 10 : 0 })),
  '/none/filter': ({ Nodes }) => ({
    Nodes: { items: [] },
    FailedNodes: Object.fromEntries(Nodes.items.map(({ metadata }) => [metadata.name, 'not today'])),
  }),
  '/broken/filter': () => ({ Error: 'out of order' }),
  '/nonsense/filter': () => ({ NodeNames: ['nowhere'], Nodes: { items: [{ metadata: { name: 'nowhere' } }] } }),
  '/reads-times/filter': ({ Pod, Nodes }) => {
    const isTime = ({ metadata }) => /^2026-01-01T00:00:\\d\\dZ$/.test(metadata.creationTimestamp) || /^2025-12-31T/.test(metadata.creationTimestamp);
    const fits = isTime(Pod) ? Nodes.items.filter(isTime) : [];
    return { Nodes: { items: fits.filter(({ metadata }) => metadata.name === 'n-1') } };
  },
  '/binder/bind': ({ Node }) => ({ Error: Node === 'small' ? 'no' : '' }),
};
createServer((request, response) => {
  let text = '';
  request.on('data', (part) => { text += part; });
  request.on('end', () => {
    if (request.url === '/late/filter') { return; }
    const answer = answers[request.url];
    response.statusCode = answer ? 200 : 500;
    response.end(answer ? JSON.stringify(answer(JSON.parse(text))) : 'sorry');
  });
}).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
`;

describe('a scheduler with an extender behind HTTP', () => {
  let server: Worker;
  let extenders: HttpExtenders;
  let url: string;

  beforeAll(async () => {
    server = new Worker(SERVER, { eval: true });
    const [port] = (await once(server, 'message')) as [number];
    url = `http://127.0.0.1:${port}`;
    extenders = httpExtenders(milliseconds(5), 1_767_225_600);
  });

  afterAll(async () => {
    await extenders.close();
    await server.terminate();
  });

  const withExtender = (path: string, fields: Readonly<Record<string, unknown>>): AScheduler =>
    new AScheduler({
      configuration: { extenders: [{ urlPrefix: `${url}/${path}/`, ...fields }] },
      extras: { callExtender: extenders.call },
    })
      .create(aNode('small', '2'), aNode('large', '8'))
      .runUntil(2)
      .create(aPod('web'));

  it('places pods only where the extender lets them', () => {
    expect(withExtender('no-small', { filterVerb: 'filter' }).runUntil(3).nodeOf('web')).toBe('large');
  });

  it('sends names alone to an extender that knows the nodes', () => {
    const scheduler = withExtender('names', { filterVerb: 'filter', nodeCacheCapable: true }).runUntil(3);
    expect(scheduler.nodeOf('web')).toBe('large');
  });

  it('adds its scores, weighted, to those of the plugins', () => {
    const fields = { prioritizeVerb: 'prioritize', weight: 5, nodeCacheCapable: true };
    // 10 · 5 · 10 = 500 outweighs what plugins can say of an empty node of 8 CPU.
    expect(withExtender('likes-small', fields).runUntil(3).nodeOf('web')).toBe('small');
  });

  it('takes 5 ms of virtual time for each call', () => {
    const scheduler = withExtender('no-small', { filterVerb: 'filter' }).runUntil(3);
    // Created at 2 s, seen after 5 ms, cycle 1 ms and extender 5 ms, binding 4 ms.
    expect(scheduler.attempts.map(({ at }) => at)).toEqual([seconds(2) + milliseconds(15)]);
  });

  it('tells what the extender said of each node, and tries again after any event', () => {
    const scheduler = withExtender('none', { filterVerb: 'filter' }).runUntil(3);
    expect(scheduler.scheduled('web')?.message).toMatch(/^0\/2 nodes are available: 2 not today\./);
    scheduler.create(aNode('tiny', '100m')).runUntil(4);
    // Any event: the node, and each time the update that brings the pod its own new condition.
    expect(scheduler.attempts.map(({ at }) => Math.floor(at / seconds(1)))).toEqual([2, 2, 3, 3]);
  });

  it.each([
    ['an error', 'broken', 'out of order'],
    [
      'a node nobody asked about',
      'nonsense',
      'claims a filtered node "nowhere" which is not found in the input node list',
    ],
    ['status 500', 'missing', 'code 500'],
  ])('fails a pod as an error when the answer is %s, unless it may be ignored', (_, path, message) => {
    const strict = withExtender(path, { filterVerb: 'filter' }).runUntil(3);
    expect(strict.scheduled('web')).toMatchObject({ reason: 'SchedulerError' });
    expect(strict.scheduled('web')?.message).toContain(message);
    const lenient = withExtender(path, { filterVerb: 'filter', ignorable: true }).runUntil(3);
    expect(lenient.nodeOf('web')).toBe('large');
  });

  it('waits for its time-out in virtual time when the extender never answers', () => {
    const scheduler = withExtender('late', { filterVerb: 'filter', httpTimeout: '100ms', ignorable: true }).runUntil(3);
    // Seen at 5 ms, 1 ms of cycle, 100 ms of waiting, 4 ms of binding.
    expect(scheduler.attempts.map(({ at }) => at)).toEqual([seconds(2) + milliseconds(110)]);
  });

  it('lets an extender bind, and tries again when it refuses', () => {
    const scheduler = withExtender('binder', { bindVerb: 'bind' }).runUntil(3);
    expect(scheduler.nodeOf('web')).toBe('large');
    scheduler.create(aPod('picky', '500m', { nodeSelector: { 'kubernetes.io/hostname': 'small' } })).runUntil(4);
    expect(scheduler.scheduled('picky')).toMatchObject({ reason: 'SchedulerError', message: 'no' });
  });

  it('is called in the runs of a scenario that names it, with objects as the API writes them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
    const file = join(folder, 'scenario.yaml');
    const extender = { urlPrefix: `${url}/reads-times`, filterVerb: 'filter' };
    const containers = [{ name: 'c', image: 'web' }];
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers } };
    writeFileSync(
      file,
      JSON.stringify({
        apiVersion: 'kubewhen/v1',
        kind: 'Scenario',
        metadata: { name: 'extended' },
        spec: {
          runFor: '1m',
          cluster: { pools: [{ name: 'n', count: 3 }] },
          configuration: { kubeScheduler: { extenders: [extender] } },
          world: { extenderCall: '50ms' },
          actions: [{ at: '30s', create: [pod] }],
          record: ['scheduling'],
          expect: [{ at: '1m', that: "pods['default/web'].spec.nodeName == 'n-1'" }],
        },
      }),
    );
    const scenario = loadScenario(file, kubernetes);
    const result = await runToFolder(scenario, { model: kubernetes, out: join(folder, 'out') });
    expect(result?.expectations).toMatchObject([{ ok: true }]);
    const [, row = ''] = readFileSync(join(folder, 'out/scheduling.csv'), 'utf8').split('\n');
    // Created at 30 s and seen after 5 ms, cycle 1 ms and extender 50 ms, binding 4 ms.
    expect(row.split(',')[0]).toBe('30.06');
    rmSync(folder, { recursive: true });
  });

  it('asks only about pods that want what the extender manages', () => {
    const fields = { filterVerb: 'filter', managedResources: [{ name: 'example.com/gpu' }] };
    expect(withExtender('none', fields).runUntil(3).nodeOf('web')).toBe('large');
  });
});
