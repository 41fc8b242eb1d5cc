import { jsonPatch, mergePatch, strategicMerge, threeWayMerge } from '../../../scenarios/actions/merge.js';

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
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
        { name: 'b' },
        { name: 'c' },
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

  it('replaces atomic lists and joins sets', () => {
    const pod = { spec: { containers: [{ name: 'a', command: ['x', 'y'] }] }, metadata: { finalizers: ['f'] } };
    const patch = { spec: { containers: [{ name: 'a', command: ['z'] }] }, metadata: { finalizers: ['g', 'f'] } };
    expect(strategicMerge('Pod', pod, patch)).toEqual({
      spec: { containers: [{ name: 'a', command: ['z'] }] },
      metadata: { finalizers: ['f', 'g'] },
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
    ['/a/01', 'nothing stands at /a/01'],
    ['/a/5', 'nothing stands at /a/5'],
    ['/b/c', 'nothing stands at /b/c'],
  ])('refuses %s', (path, message) => {
    expect(() => jsonPatch({ a: [1] }, [{ op: 'add', path, value: 0 }])).toThrow(new RangeError(message));
  });
});
