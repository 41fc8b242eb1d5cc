import { jsonPatch } from '../../../scenarios/actions/json-patch.js';
import { mergePatch, PatchError, strategicMerge, threeWayMerge } from '../../../scenarios/actions/merge.js';

describe('a merge patch (RFC 7386)', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });
});

const deployment = (containers: readonly object[], more: object = {}): object => ({
  spec: { template: { spec: { containers } }, ...more },
});

describe('a strategic merge patch', () => {
  it('merges containers by name and env by name', () => {
    const found = deployment([{ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }, { name: 'b' }]);
    const patch = deployment([{ name: 'a', env: [{ name: 'Y', value: '2' }] }, { name: 'c' }]);
    expect(strategicMerge('Deployment', found, patch)).toEqual(
      deployment([
        {
          name: 'a',
          image: '1',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: '1' },
          ],
        },
        { name: 'c' },
        { name: 'b' },
      ]),
    );
  });

  it('takes items away and replaces lists when told so', () => {
    const found = deployment([{ name: 'a' }, { name: 'b' }]);
    expect(strategicMerge('Deployment', found, deployment([{ name: 'a', $patch: 'delete' }]))).toEqual(
      deployment([{ name: 'b' }]),
    );
    expect(strategicMerge('Deployment', found, deployment([{ $patch: 'replace' }, { name: 'z' }]))).toEqual(
      deployment([{ name: 'z' }]),
    );
  });

  it('puts what is new first, as the example of the documentation shows', () => {
    // kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch: redis stands before nginx.
    const found = deployment([{ name: 'patch-demo-ctr', image: 'nginx' }]);
    const patch = deployment([{ name: 'patch-demo-ctr-2', image: 'redis' }]);
    expect(strategicMerge('Deployment', found, patch)).toEqual(
      deployment([
        { name: 'patch-demo-ctr-2', image: 'redis' },
        { name: 'patch-demo-ctr', image: 'nginx' },
      ]),
    );
  });

  it('keeps what it does not name where it stood', () => {
    const found = deployment([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    const patch = deployment([{ name: 'c' }, { name: 'a', image: '2' }]);
    expect(strategicMerge('Deployment', found, patch)).toEqual(
      deployment([{ name: 'b' }, { name: 'c' }, { name: 'a', image: '2' }]),
    );
  });

  it.each([
    ['$setElementOrder', { '$setElementOrder/finalizers': ['b', 'a'] }, { finalizers: ['b', 'a', 'c'] }],
    ['$deleteFromPrimitiveList', { '$deleteFromPrimitiveList/finalizers': ['b'] }, { finalizers: ['a', 'c'] }],
    ['$retainKeys', { $retainKeys: ['labels'], labels: { x: 'y' } }, { labels: { x: 'y' } }],
    ['$patch: replace', { $patch: 'replace', name: 'n' }, { name: 'n' }],
    ['null', { finalizers: null }, {}],
  ])('obeys %s', (_, metadata, result) => {
    expect(strategicMerge('Pod', { metadata: { finalizers: ['a', 'b', 'c'] } }, { metadata })).toEqual({
      metadata: result,
    });
  });

  it.each([
    [
      deployment([{ image: 'x', ports: [{ containerPort: 80 }] }]),
      'Error from server: map: map[image:x ports:[map[containerPort:80]]] does not contain declared merge key: name',
    ],
    [{ spec: { $patch: 'remove' } }, 'Error from server: unknown patch type: remove in map: map[$patch:remove]'],
  ])('refuses %j', (patch, message) => {
    expect(() => strategicMerge('Deployment', deployment([{ name: 'a' }]), patch)).toThrow(new PatchError(message));
  });

  it('replaces atomic lists and joins sets', () => {
    const pod = { spec: { containers: [{ name: 'a', command: ['x', 'y'] }] }, metadata: { finalizers: ['f'] } };
    const patch = { spec: { containers: [{ name: 'a', command: ['z'] }] }, metadata: { finalizers: ['g', 'f'] } };
    expect(strategicMerge('Pod', pod, patch)).toEqual({
      spec: { containers: [{ name: 'a', command: ['z'] }] },
      metadata: { finalizers: ['g', 'f'] },
    });
  });
});

describe('kubectl apply', () => {
  it('takes away what was applied before and is applied no more, and leaves what others set', () => {
    const applied = deployment([{ name: 'a', image: '1' }, { name: 'b' }], { replicas: 3 });
    const wanted = deployment([{ name: 'a', image: '2' }]);
    const current = deployment(
      [{ name: 'a', image: '1', terminationMessagePath: '/x' }, { name: 'b' }, { name: 'injected' }],
      { replicas: 5, paused: true },
    );
    expect(threeWayMerge('Deployment', applied, wanted, current)).toEqual(
      deployment([{ name: 'a', image: '2', terminationMessagePath: '/x' }, { name: 'injected' }], { paused: true }),
    );
  });
});

describe('kubectl apply of a list and of a union', () => {
  it('puts items in the order of the manifest, those of others where they stood', () => {
    const current = deployment([{ name: 'injected' }, { name: 'a' }, { name: 'b' }]);
    const applied = deployment([{ name: 'a' }, { name: 'b' }]);
    const wanted = deployment([{ name: 'b' }, { name: 'new' }, { name: 'a' }]);
    expect(threeWayMerge('Deployment', applied, wanted, current)).toEqual(
      deployment([{ name: 'injected' }, { name: 'b' }, { name: 'new' }, { name: 'a' }]),
    );
  });

  it('from RollingUpdate to Recreate leaves no defaults of the old strategy: retainKeys', () => {
    const current = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } } } };
    const wanted = { spec: { strategy: { type: 'Recreate' } } };
    expect(threeWayMerge('Deployment', {}, wanted, current)).toEqual(wanted);
  });

  it('of a volume that becomes another kind of volume leaves the old kind behind', () => {
    const current = { spec: { volumes: [{ name: 'v', emptyDir: {} }] } };
    const wanted = { spec: { volumes: [{ name: 'v', configMap: { name: 'c' } }] } };
    expect(threeWayMerge('Pod', current, wanted, current)).toEqual(wanted);
  });

  it('by null takes a default away', () => {
    const current = { spec: { replicas: 3, paused: true } };
    expect(threeWayMerge('Deployment', {}, { spec: { paused: null } }, current)).toEqual({ spec: { replicas: 3 } });
  });
});

describe('a JSON patch (RFC 6902)', () => {
  it.each([
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [
      { 'x/y': 1, 'm~n': 2 },
      [
        { op: 'remove', path: '/x~1y' },
        { op: 'replace', path: '/m~0n', value: 3 },
      ],
      { 'm~n': 3 },
    ],
    [
      { a: 1 },
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'add', path: '/b', value: 2 },
      ],
      { a: 1, b: 2 },
    ],
  ] as const)('%j', (target, operations, result) => {
    expect(jsonPatch(target, operations)).toEqual(result);
  });

  it.each([
    ['moves', [{ op: 'move', from: '/a', path: '/b' }], { b: [1, { c: 2 }] }],
    ['copies', [{ op: 'copy', from: '/a/1/c', path: '/a/0' }], { a: [2, 1, { c: 2 }] }],
    ['replaces the whole', [{ op: 'replace', path: '', value: 1 }], 1],
    ['tests by value', [{ op: 'test', path: '/a/1', value: { c: 2 } }], { a: [1, { c: 2 }] }],
  ] as const)('%s', (_, operations, result) => {
    expect(jsonPatch({ a: [1, { c: 2 }] }, operations)).toEqual(result);
  });

  it.each([
    { op: 'add', path: '/a/01', value: 0 },
    { op: 'add', path: '/a/5', value: 0 },
    { op: 'add', path: '/b/c', value: 0 },
    { op: 'replace', path: '/b', value: 0 },
    { op: 'remove', path: '/a/1' },
    { op: 'move', from: '/b', path: '/c' },
    { op: 'test', path: '/a/0', value: 2 },
    { op: 'test', path: '/b', value: 2 },
  ] as const)('refuses %j as the API server does, which does not say why', (operation) => {
    const line = 'The request is invalid: the server rejected our request due to an error in our request';
    expect(() => jsonPatch({ a: [1] }, [operation])).toThrow(new PatchError(line));
  });
});
