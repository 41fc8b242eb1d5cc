import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from '../../cli/commands/validate.js';
import { kubernetes } from '../../models/cluster.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubewhen-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function validated(count: number, more: string): Promise<string> {
  const scenario = join(folder, 's.yaml');
  writeFileSync(
    scenario,
    `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: s}
spec:
  runFor: 10m
  cluster: {pools: [{name: worker, count: ${count}}]}
${more}`,
  );
  const lines: string[] = [];
  await validate({ scenario }, { model: kubernetes, print: (line) => lines.push(line), isCancelled: () => false });
  return lines.join('\n');
}

describe('kubewhen validate', () => {
  it('counts what there is, and names what comes after the end of the run', async () => {
    const text = await validated(
      5_000,
      `  actions:
  - {at: 1m, cordon: worker-0}
  - {at: 11m, uncordon: worker-0}
  faults:
  - {at: 20m, kind: NodeCrash, nodes: [worker-1]}
  expect:
  - {at: 30m, that: "nodes.size() == 5000"}
`,
    );
    expect(text).toBe(
      's: Kubernetes 1.37, 5000 nodes, 0 objects, 2 actions, 1 fault, 1 expectation, 10m0s\n' +
        'after the end of the run: actions[1], faults[0], expect[0]',
    );
  });

  it('waits for the answer to every object, also where the server waits for something to be made', async () => {
    const pod =
      'apiVersion: v1, kind: Pod, metadata: {name: p, namespace: nowhere}, spec: {containers: [{name: c, image: i}]}';
    const service = 'apiVersion: v1, kind: Service, metadata: {name: S}, spec: {ports: [{port: 80}]}';
    const refused = validated(1, `  world: {apiCall: 2s}\n  manifests: [{${pod}}, {${service}}]\n`);
    await expect(refused).rejects.toThrow(/Pod nowhere\/p: namespaces "nowhere" not found/);
    await expect(refused).rejects.toThrow(/metadata\.name: Service default\/S: Invalid value: "S"/);
  });
});
