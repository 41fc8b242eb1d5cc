import { startRun } from '../../../scenarios/index.js';

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db' },
  spec: { ports: [{ port: 5432 }] },
};
const ENDPOINTS = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'db' },
  subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 5432 }] }],
};

const run = (manifests: readonly object[], expect: readonly object[] = []) => {
  const started = startRun(
    JSON.stringify({
      apiVersion: 'kubewhen/v1',
      kind: 'Scenario',
      metadata: { name: 'endpoints' },
      spec: { runFor: '1m', cluster: { pools: [{ name: 'n', count: 1 }] }, manifests, expect },
    }),
  );
  started.finish();
  return started;
};

describe('Endpoints objects in a run', () => {
  it('that a manifest brings are mirrored', () => {
    const slices = [...run([SERVICE, ENDPOINTS]).cluster.list('EndpointSlice')];
    expect(slices.map(({ endpoints }) => endpoints?.[0]?.addresses)).toEqual([['192.0.2.1']]);
  });

  it('that an expectation reads are written for every Service with a selector', () => {
    const web = { ...SERVICE, metadata: { name: 'web' }, spec: { ...SERVICE.spec, selector: { app: 'web' } } };
    const { cluster } = run([web], [{ at: '50s', that: "endpoints['default/web'].metadata.name == 'web'" }]);
    expect(cluster.get('Endpoints', 'default/web')).toBeDefined();
  });

  it('that nobody looks at are not there', () => {
    const web = { ...SERVICE, spec: { ...SERVICE.spec, selector: { app: 'web' } } };
    expect([...run([web]).cluster.list('Endpoints')]).toEqual([]);
  });
});
