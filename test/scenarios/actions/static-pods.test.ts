import { MemorySink, toSeconds } from '../../../engine/index.js';
import { kubernetes } from '../../../models/cluster.js';
import { Run } from '../../../scenarios/run/run.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

const manifest = (image: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: proxy, namespace: kube-system}, spec: {containers: [{name: c, image: ${image}}]}}`;

it('writes and removes manifests of static pods, and says what it could not do', () => {
  const actions = [
    `{at: 60s, writeStaticPods: ${manifest('proxy:v1')}, nodes: {}}`,
    `{at: 120s, writeStaticPods: ${manifest('proxy:v2')}, nodes: worker-1}`,
    '{at: 200s, removeStaticPods: [proxy, nothing], namespace: kube-system, nodes: worker-1, expectError: true}',
  ];
  const text = aScenario(`  actions:\n${actions.map((action) => `  - ${action}\n`).join('')}`);
  const run = new Run(load({ 's.yaml': text }), { model: kubernetes, sink: (now) => new MemorySink(now) });
  run.runUntil(toMicros(100));
  const images = (): readonly (string | undefined)[] =>
    [...run.cluster.list('Pod')]
      .filter(({ metadata }) => metadata.namespace === 'kube-system' && metadata.name.startsWith('proxy-'))
      .map(({ spec }) => spec.containers[0]?.image);
  const atFirst = images();
  expect(new Set(atFirst)).toEqual(new Set(['proxy:v1']));
  run.runUntil(toMicros(190));
  expect(images()).toContain('proxy:v2');
  const lines = run
    .finish()
    .actions.map(({ at, line, failed }) => `${Math.floor(toSeconds(at))}${failed ? '!' : ''} ${line}`);
  expect(images()).toHaveLength(atFirst.length - 1);
  expect(lines.slice(-3)).toEqual([
    '120 static pod proxy written on worker-1',
    '200 static pod proxy removed on worker-1',
    '200! error: there is no manifest of kube-system/nothing on worker-1',
  ]);
});

const toMicros = (seconds: number): number => seconds * 1_000_000;
