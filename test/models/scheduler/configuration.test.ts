import { load } from 'js-yaml';
import { decodeDocument } from '../../../models/scheduler/configuration/decode.js';
import { argumentsOf, withDefaults } from '../../../models/scheduler/configuration/defaults.js';
import type { ConfigurationDocument } from '../../../models/scheduler/configuration/document.js';
import { ConfigurationError } from '../../../models/scheduler/configuration/plugin-sets.js';
import { resolveProfiles } from '../../../models/scheduler/configuration/resolve.js';
import { validateDocument } from '../../../models/scheduler/configuration/validate.js';
import { PLUGINS } from '../../../models/scheduler/plugins/registry.js';
import { type Defaults, defaultsFor } from '../../../models/versions/index.js';

const { kubeScheduler } = defaultsFor('1.37') as Defaults;
const HEADER = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

function complete(text: string): ConfigurationDocument {
  const decoded = decodeDocument(load(HEADER + text), { versions: ['v1'] });
  if (!decoded.ok) {
    throw new Error(decoded.text);
  }
  return withDefaults(decoded.document, kubeScheduler);
}

const mistakes = (text: string): readonly string[] =>
  validateDocument(complete(text), 'v1').map((mistake) => mistake.text);

const args = (plugin: string, text: string): string => `profiles: [{pluginConfig: [{name: ${plugin}, args: ${text}}]}]`;

/** What construction says, without the words about the profile. */
function refusal(text: string): string {
  try {
    resolveProfiles(complete(text), kubeScheduler.multiPoint, PLUGINS);
    return '';
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.message.replace(/^.*default-scheduler: /, '');
    }
    throw error;
  }
}

describe('defaults of kube-scheduler (apis/config/v1/defaults.go)', () => {
  it('turns contention profiling off with profiling, unless it is asked for', () => {
    expect(complete('enableProfiling: false').enableContentionProfiling).toBe(false);
    expect(complete('enableProfiling: false\nenableContentionProfiling: true').enableContentionProfiling).toBe(true);
  });

  it('takes a zero or empty field of leader election as left out', () => {
    const { leaderElection } = complete("leaderElection: {leaseDuration: 0s, renewDeadline: 90s, resourceLock: ''}");
    expect(leaderElection).toMatchObject({ leaseDuration: '15s', renewDeadline: '1m30s', resourceLock: 'leases' });
  });

  it('fills in zeros of a shape, which need not be written', () => {
    const shape = [{ score: 10 }, { utilization: 100 }];
    const strategy = { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } };
    const given = [{ name: 'NodeResourcesFit', args: { ignoredResources: [], scoringStrategy: strategy } }];
    expect(argumentsOf({ pluginConfig: given }).NodeResourcesFit).toEqual({
      scoringStrategy: {
        type: 'RequestedToCapacityRatio',
        resources: [
          { name: 'cpu', weight: 1 },
          { name: 'memory', weight: 1 },
        ],
        requestedToCapacityRatio: {
          shape: [
            { utilization: 0, score: 10 },
            { utilization: 100, score: 0 },
          ],
        },
      },
    });
  });

  it('leaves out of an extender what says nothing, and waits 5 s for it', () => {
    const text =
      '{filterVerb: f, ignorable: false, weight: 0, httpTimeout: 0s, managedResources: [{name: a.b/c, ignoredByScheduler: false}]}';
    expect(complete(`extenders: [${text}]`).extenders).toEqual([
      { urlPrefix: '', filterVerb: 'f', managedResources: [{ name: 'a.b/c' }], httpTimeout: '5s' },
    ]);
  });

  it('takes an empty shape of VolumeBinding and an empty defaultingType as left out', () => {
    const given = [
      { name: 'VolumeBinding', args: { shape: [] } },
      { name: 'PodTopologySpread', args: { defaultingType: '' } },
    ];
    const { VolumeBinding, PodTopologySpread } = argumentsOf({ pluginConfig: given });
    expect(VolumeBinding.shape).toHaveLength(2);
    expect(PodTopologySpread.defaultingType).toBe('System');
  });
});

describe('validation of kube-scheduler (apis/config/validation)', () => {
  const prefix = 'profiles[0].pluginConfig[0].args';
  const required = `${prefix}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]`;
  const affinity = (term: string): string =>
    args(
      'NodeAffinity',
      `{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${term}]}}}`,
    );
  const valueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

  it.each<[string, string, readonly string[]]>([
    [
      'leases no longer than their renewal',
      'leaderElection: {leaseDuration: 10s}',
      ['leaderElection.leaseDuration: Invalid value: "10s": must be greater than `RenewDeadline`'],
    ],
    ['leader election that is off', 'leaderElection: {leaderElect: false, leaseDuration: 1s}', []],
    [
      'a shape that does not rise',
      args('VolumeBinding', '{shape: [{utilization: 50, score: 1}, {utilization: 50, score: 2}]}'),
      [`${prefix}.shape[1].utilization: Invalid value: 50: values must be sorted in increasing order`],
    ],
    [
      'a binding timeout below one second',
      args('DynamicResources', '{bindingTimeout: 500ms}'),
      [`${prefix}.bindingTimeout: Invalid value: "500ms": must be at least 1 second`],
    ],
    [
      'an operator that fields do not have',
      affinity('{matchFields: [{key: metadata.name, operator: Exists}]}'),
      [`${required}.matchFields[0].operator: Unsupported value: "Exists": supported values: "In", "NotIn"`],
    ],
    [
      'two values for a comparison, one of them no number',
      affinity('{matchExpressions: [{key: a, operator: Gt, values: ["1", x]}]}'),
      [
        `${required}.matchExpressions[0].values: Invalid value: ["1","x"]: for 'Gt', 'Lt' operators, exactly one value is required`,
        `${required}.matchExpressions[0].values[1]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
      ],
    ],
    [
      'no values, and values that are no labels',
      affinity('{matchExpressions: [{key: a, operator: In}, {key: a, operator: NotIn, values: ["b c"]}]}'),
      [
        `${required}.matchExpressions[0].values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty`,
        `${required}.matchExpressions[1].values[0]: Invalid value: "b c": ${valueRule}`,
      ],
    ],
    ['an empty term, which selects nothing', affinity('{}'), []],
    [
      'an extender with a resource that cannot be a name',
      "extenders: [{urlPrefix: 'http://a', managedResources: [{name: a/b/c}, {name: cpu}]}]",
      [
        'extenders[0].managedResources[0].name: Invalid value: "a/b/c": a qualified name must consist of alphanumeric ' +
          "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or " +
          "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an " +
          "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
        'extenders[0].managedResources[1].name: Invalid value: "cpu": is an invalid extended resource name',
      ],
    ],
    [
      'two queue sort plugins',
      'profiles: [{plugins: {queueSort: {enabled: [{name: PrioritySort}, {name: Other}]}}}]',
      ['profiles[0].plugins.queueSort.Enabled: Invalid value: 2: only one queue sort plugin can be enabled'],
    ],
  ])('tells of %s', (_, text, expected) => {
    expect(mistakes(text)).toEqual(expected);
  });

  it.each([
    [
      '{scoringStrategy: {type: RequestedToCapacityRatio}}',
      'scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio',
    ],
    [
      '{scoringStrategy: {type: MostAllocated, requestedToCapacityRatio: {shape: [{utilization: 0, score: 1}]}}}',
      'scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio',
    ],
  ])('makes NodeResourcesFit check %s when it is made', (given, text) => {
    expect(refusal(args('NodeResourcesFit', given))).toBe(`initializing plugin "NodeResourcesFit": ${text}`);
  });

  it('looks at the weights of plugins that score alone', () => {
    expect(refusal('profiles: [{plugins: {multiPoint: {enabled: [{name: NodeName, weight: -2}]}}}]')).toBe('');
    expect(refusal('profiles: [{plugins: {score: {enabled: [{name: ImageLocality, weight: -2}]}}}]')).toBe(
      'score plugins: total score of Score plugins could overflow',
    );
  });

  it('must be able to ignore what an extender takes care of', () => {
    const extender = 'extenders: [{managedResources: [{name: a.b/c, ignoredByScheduler: true}]}]\n';
    expect(refusal(extender)).toBe('');
    expect(refusal(`${extender}profiles: [{plugins: {multiPoint: {disabled: [{name: NodeResourcesFit}]}}}]`)).toBe(
      "couldn't build extenders: can't find NodeResourcesFitArgs in plugin config",
    );
  });

  it('knows its other kinds, and that they are no configuration', () => {
    const document = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'NodeAffinityArgs' };
    expect(decodeDocument(document, { versions: ['v1'] })).toMatchObject({
      text: "couldn't decode as KubeSchedulerConfiguration, got kubescheduler.config.k8s.io/v1, Kind=NodeAffinityArgs: ",
    });
  });
});
