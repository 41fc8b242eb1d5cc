import { MemorySink, toSeconds } from '../../../engine/index.js';
import { conditionOf } from '../../../models/api/index.js';
import { kubernetes } from '../../../models/cluster.js';
import { Run } from '../../../scenarios/run/run.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

const TOKEN = 'abcdef.0123456789abcdef';

function play(actions: readonly string[]): { lines: readonly string[]; run: Run } {
  const spec = `  actions:\n${actions.map((action) => `  - ${action}\n`).join('')}`;
  const run = new Run(load({ 's.yaml': aScenario(spec) }), { model: kubernetes, sink: (now) => new MemorySink(now) });
  const lines = run
    .finish()
    .actions.map(({ at, line, failed }) => `${Math.floor(toSeconds(at))}${failed ? '!' : ''} ${line}`);
  return { lines, run };
}

it('joins a machine by its token, and has it ready when its network is', () => {
  const { lines, run } = play([
    `{at: 60s, tokenCreate: ${TOKEN}, ttl: 5m}`,
    '{at: 90s, tokenList: true}',
    `{at: 120s, join: worker, token: ${TOKEN}, preflight: 3s, networkReady: 20s}`,
  ]);
  const name = lines.at(-1)?.split(' ').at(-1) as string;
  expect(lines).toEqual([
    `60 ${TOKEN}`,
    '90 TOKEN                     TTL         EXPIRES',
    `90 ${TOKEN}   270s        2026-01-01T00:06:00Z`,
    `123 This node has joined the cluster: ${name}`,
  ]);
  const ready = conditionOf(run.cluster.get('Node', name)?.status?.conditions, 'Ready');
  expect(ready?.status).toBe('True');
  // The kubelet starts at 123 s, the network is there 20 s later, and a new kubelet asks its runtime every 0.1 s.
  expect(toSeconds(ready?.lastTransitionTime as number)).toBe(143);
});

it('gives up after five minutes without a token', () => {
  const { lines } = play([`{at: 10s, tokenCreate: ${TOKEN}, ttl: 30s}`, `{at: 60s, join: worker, token: ${TOKEN}}`]);
  const error =
    'error execution phase preflight: couldn\'t validate the identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"';
  expect(lines.at(-1)).toMatch(/^3[56]\d! /);
  expect(lines.at(-1)?.replace(/^\d+! /, '')).toBe(error);
});

it('trusts no server by another secret', () => {
  const { lines } = play([
    `{at: 10s, tokenCreate: ${TOKEN}}`,
    '{at: 60s, join: worker, token: abcdef.aaaaaaaaaaaaaaaa}',
  ]);
  expect(lines.at(-1)).toContain('failed to verify JWS signature');
});
