import { MemorySink } from '../../../engine/index.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { complaints, load } from '../../helpers/scenario-text.js';

const FILES = {
  'app.conf': 'a=1\n',
  'conf.d/one.conf': 'one',
  'conf.d/two.conf': 'two',
  'conf.d/deeper/no.conf': 'not entered',
  'app.env': '# settings\n\nMODE=fast\n  URL=http://x/?a=b\n',
};

const withCommand = (line: string): Readonly<Record<string, string>> => ({
  ...FILES,
  's.yaml': `{apiVersion: kubewhen/v1, kind: Scenario, metadata: {name: t}, spec: {runFor: 10s,
    cluster: {pools: [{name: worker, count: 1}]}, actions: [{at: 1s, kubectl: "${line}"}]}}`,
});

function clusterAfter(line: string): Run['cluster'] {
  const run = new Run(load(withCommand(line)), { model: apiOnlyModel(), sink: (now) => new MemorySink(now) });
  run.finish();
  return run.cluster;
}

describe('kubectl create configmap', () => {
  it.each<[string, object]>([
    ['--from-file=app.conf', { 'app.conf': 'a=1\n' }],
    ['--from-file=settings=app.conf', { settings: 'a=1\n' }],
    ['--from-file=conf.d', { 'one.conf': 'one', 'two.conf': 'two' }],
    ['--from-env-file=app.env', { MODE: 'fast', URL: 'http://x/?a=b' }],
    ['--from-literal=a=b=c --from-file=app.conf', { a: 'b=c', 'app.conf': 'a=1\n' }],
  ])('%s', (flags, data) => {
    expect(clusterAfter(`create configmap c ${flags}`).get('ConfigMap', 'default/c')?.data).toEqual(data);
  });

  it.each([
    ['--from-file=missing.conf', 'there is no file missing.conf'],
    ['--from-file=all=conf.d', 'cannot give a key name for a directory path'],
    ['--from-file=a=b=c', 'key names or file paths cannot contain'],
    ['--from-literal=x', 'invalid literal source x, expected key=value'],
    ['--from-literal=a=1 --from-literal=a=2', 'another key by that name already exists'],
    ['--from-literal=a/b=1', 'is not a valid key name for a ConfigMap'],
  ])('%s is refused', (flags, message) => {
    expect(complaints(withCommand(`create configmap c ${flags}`)).join('\n')).toContain(message);
  });
});

it('kubectl create secret generic keeps what files say as base64', () => {
  const secret = clusterAfter('create secret generic s --from-file=conf.d/one.conf --type=example/x').get(
    'Secret',
    'default/s',
  );
  expect([secret?.type, secret?.data]).toEqual(['example/x', { 'one.conf': 'b25l' }]);
});
