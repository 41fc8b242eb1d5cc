import { startRun } from '../../../scenarios/index.js';
import { formatProblem, ScenarioError } from '../../../scenarios/schema/errors.js';
import { refusalProblems } from '../../../scenarios/sources/refusals.js';
import { parseYaml } from '../../../scenarios/sources/yaml.js';
import { A_DEPLOYMENT, aScenario } from '../../helpers/scenario-text.js';

const pod = (name: string, more = ''): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {${more}containers: [{name: c, image: i}]}}`;

describe('what the API server refuses of the manifests', () => {
  it('ends the run with all refusals, each at its place', () => {
    const files = {
      'shop.yaml': [pod('a', 'priorityClassName: x, '), pod('b'), pod('c', 'priorityClassName: z, ')].join('\n---\n'),
    };
    const run = startRun(aScenario(), { files });
    let told: readonly string[] = [];
    try {
      run.finish();
    } catch (error) {
      told = (error as ScenarioError).problems.map(formatProblem);
    }
    expect(told).toEqual([
      'shop.yaml:1:46 metadata.name: Pod default/a: pods "a" is forbidden: no PriorityClass with name x was found (INVALID_OBJECT)',
      'shop.yaml:5:46 metadata.name: Pod default/c: pods "c" is forbidden: no PriorityClass with name z was found (INVALID_OBJECT)',
    ]);
  });

  it('is found in the manifest by the field that the server names', () => {
    const file = 'a.yaml';
    const [document] = parseYaml(
      'kind: Pod\nmetadata: {name: a, labels: {x/y: "b c"}}\nspec: {containers: [{name: B}]}\n',
      file,
    );
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default' } };
    const causes = ['spec.containers[0].name', 'metadata.labels[x/y]', 'spec.nodeName'].map((field) => ({
      reason: '',
      field,
      message: 'no',
    }));
    const error = { reason: 'Invalid', code: 422, message: '', causes } as const;
    const problems = refusalProblems({ object, isInert: false, origin: { file, document }, path: [] }, error);
    expect(problems.map(formatProblem)).toEqual([
      'a.yaml:3:28 spec.containers[0].name: Pod default/a: no (INVALID_OBJECT)',
      'a.yaml:2:35 metadata.labels["x/y"]: Pod default/a: no (INVALID_OBJECT)',
      'a.yaml:3:7 spec.nodeName: Pod default/a: no (INVALID_OBJECT)',
    ]);
  });

  it('a negative replica count', () => {
    const run = startRun(aScenario(), { files: { 'shop.yaml': A_DEPLOYMENT.replace('replicas: 3', 'replicas: -3') } });
    expect(() => run.finish()).toThrow(
      /^shop\.yaml:5:13 spec\.replicas: Deployment default\/cart: Invalid value: -3: .*\(INVALID_OBJECT\)$/,
    );
  });

  it('has its Namespaces first, wherever they stand', () => {
    const namespace = '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}';
    const shop = `${pod('a').replace('name: a', 'name: a, namespace: shop')}\n---\n${namespace}`;
    const run = startRun(aScenario('  world: {apiCall: {exponential: {mean: 20ms}}}\n'), {
      files: { 'shop.yaml': shop },
    });
    run.runUntil(5_000_000);
    expect(run.cluster.get('Pod', 'shop/a')).toBeDefined();
  });
});
