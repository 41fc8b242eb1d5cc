import type { ClusterCatalogue, ClusterConfiguration } from '../../models/cluster.js';
import { kubeletConfigurationMistakes } from '../../models/kubelet/index.js';
import {
  SchedulerConfigurationError,
  type SchedulerPlugin,
  schedulerConfiguration,
} from '../../models/scheduler/index.js';
import { type Defaults, defaultsFor, parseFlag } from '../../models/versions/index.js';
import { formatPath, type Path } from '../schema/errors.js';
import { problemAt } from '../schema/problems.js';
import type { ScenarioText } from '../schema/scenario.js';
import { isRecord } from '../schema/shapes.js';
import { CLUSTER_AUTOSCALER } from './cluster-autoscaler-flags.js';
import { KUBE_CONTROLLER_MANAGER } from './controller-manager-flags.js';
import { type Mention, readText } from './files.js';
import { type FlagReader, readFlags } from './flags.js';
import { KARPENTER } from './karpenter-flags.js';
import { readKubeProxyConfiguration } from './kube-proxy-configuration.js';
import { readKubeletConfiguration } from './kubelet-configuration.js';
import { METRICS_SERVER } from './metrics-server-flags.js';
import type { Reading } from './resolve.js';
import { readSchedulerPlugins } from './scheduler-plugins.js';
import { parseYaml } from './yaml.js';

type Spec = Pick<ScenarioText['spec'], 'cluster' | 'configuration'>;
type Fields = Readonly<Record<string, unknown>>;

/** Settings of the components, from flags, files or in place; what exists and changes nothing here is listed. */
export function readConfiguration(
  reading: Reading,
  spec: Spec,
): {
  readonly configuration: ClusterConfiguration;
  readonly schedulerPlugins: readonly SchedulerPlugin[];
  readonly unsupported: readonly string[];
} {
  const unsupported: string[] = [];
  const { kubelet, kubeProxy, kubeScheduler, metricsServer } = spec.configuration ?? {};
  const commandLine = (field: keyof typeof COMMAND_LINES): Readonly<Record<string, string>> | undefined => {
    const texts = spec.configuration?.[field];
    return texts ? readCommandLine(reading, texts, field, unsupported) : undefined;
  };
  const flags = commandLine('kubeControllerManager');
  const metricsFlags = commandLine('metricsServer');
  const autoscalerFlags = commandLine('clusterAutoscaler');
  const karpenterFlags = commandLine('karpenter');
  const ofAll = kubelet && readKubelet(reading, kubelet, ['spec', 'configuration', 'kubelet'], unsupported);
  const byPool = Object.fromEntries(
    (spec.cluster.pools ?? []).flatMap(({ name, kubelet: own }, i) =>
      own === undefined
        ? []
        : [[name, readKubelet(reading, own, ['spec', 'cluster', 'pools', i, 'kubelet'], unsupported)]],
    ),
  ) as Readonly<Record<string, Fields>>;
  const proxy = kubeProxy && readProxy(reading, kubeProxy, unsupported);
  const schedulerPlugins = readSchedulerPlugins(reading, spec.configuration?.schedulerPlugins ?? []);
  const scheduler = kubeScheduler && readScheduler(reading, kubeScheduler, schedulerPlugins);
  return {
    schedulerPlugins,
    unsupported: [...new Set(unsupported)].sort(),
    configuration: {
      ...(flags && { kubeControllerManager: flags }),
      ...(metricsServer !== undefined && { metricsServer: metricsFlags ?? (false as const) }),
      ...(autoscalerFlags && { clusterAutoscaler: autoscalerFlags }),
      ...(karpenterFlags && { karpenter: karpenterFlags }),
      ...(ofAll && { kubelet: ofAll }),
      ...(Object.keys(byPool).length > 0 && { kubeletByPool: byPool }),
      ...(proxy && { kubeProxy: proxy }),
      ...(scheduler && { kubeScheduler: scheduler }),
    },
  };
}

/** Components whose flags stand in the scenario, by their field of spec.configuration. */
const COMMAND_LINES = {
  kubeControllerManager: { reader: KUBE_CONTROLLER_MANAGER, flags: 'kubeControllerManagerFlags' },
  metricsServer: { reader: METRICS_SERVER, flags: 'metricsServerFlags' },
  clusterAutoscaler: { reader: CLUSTER_AUTOSCALER, flags: 'clusterAutoscalerFlags' },
  karpenter: { reader: KARPENTER, flags: 'karpenterFlags' },
} as const satisfies Record<string, { reader: FlagReader; flags: keyof ClusterCatalogue }>;

function readCommandLine(
  reading: Reading,
  texts: readonly string[],
  field: keyof typeof COMMAND_LINES,
  unsupported: string[],
): Readonly<Record<string, string>> {
  const { reader, flags } = COMMAND_LINES[field];
  const supported = reading.catalogue[flags];
  const read = readFlags(reader, texts, supported, ({ name }, value) => {
    const flag = supported.find((one) => one.name === name);
    try {
      if (flag) {
        parseFlag(flag, value);
      }
      return undefined;
    } catch (error) {
      if (error instanceof RangeError) {
        return error.message;
      }
      throw error;
    }
  });
  for (const { index, code, message, hint } of read.mistakes) {
    reading.tell(['spec', 'configuration', field, index], code, message, hint);
  }
  unsupported.push(...read.unsupported.map((flag) => `${reader.binary} ${flag}`));
  return read.values;
}

/** What stands in place, or in the one document of a file. */
function readSource(
  reading: Reading,
  source: string | Fields,
  path: Path,
): (Mention & { readonly value: unknown }) | undefined {
  const mention = reading.at(path);
  if (typeof source !== 'string') {
    return { ...mention, value: source };
  }
  return reading.problems.catch(() => {
    const file = reading.pathOf(source, mention);
    const documents = parseYaml(readText(reading.files, file, mention), file);
    const [document] = documents;
    if (document === undefined || documents.length > 1) {
      const message = `one configuration a file, this one has ${documents.length}`;
      reading.problems.add(problemAt(mention.origin, mention.path, { code: 'BAD_VALUE', message }));
      return undefined;
    }
    return { origin: { file, document }, path: [], value: document.value };
  });
}

function readKubelet(reading: Reading, source: string | Fields, path: Path, unsupported: string[]): Fields {
  const found = readSource(reading, source, path);
  if (found === undefined) {
    return {};
  }
  const { problems, catalogue, kubernetesVersion } = reading;
  const before = problems.count;
  const supported = new Set(catalogue.kubeletFields);
  const fields = readKubeletConfiguration(found.value, supported, found.origin, found.path, problems, unsupported);
  if (problems.count === before) {
    for (const { field, message } of kubeletConfigurationMistakes(defaultsFor(kubernetesVersion) as Defaults, fields)) {
      problems.add(problemAt(found.origin, [...found.path, field], { code: 'BAD_VALUE', message }));
    }
  }
  return fields;
}

function readProxy(reading: Reading, source: string | Fields, unsupported: string[]): Fields {
  const found = readSource(reading, source, ['spec', 'configuration', 'kubeProxy']);
  return found ? readKubeProxyConfiguration(found.value, found.origin, found.path, reading.problems, unsupported) : {};
}

/** KubeSchedulerConfiguration is read by the scheduler itself, strictly; its mistakes are told where they stand. */
function readScheduler(
  reading: Reading,
  source: string | Fields,
  plugins: readonly SchedulerPlugin[],
): Fields | undefined {
  const found = readSource(reading, source, ['spec', 'configuration', 'kubeScheduler']);
  if (found === undefined) {
    return undefined;
  }
  const { problems } = reading;
  const { value, origin, path } = found;
  if (!isRecord(value)) {
    problems.add(
      problemAt(origin, path, { code: 'WRONG_TYPE', message: 'expected a KubeSchedulerConfiguration, a mapping' }),
    );
    return undefined;
  }
  const defaults = defaultsFor(reading.kubernetesVersion) as Defaults;
  const [version] = defaults.kubeScheduler.configurationVersions.split(' ');
  const document = {
    apiVersion: `kubescheduler.config.k8s.io/${version}`,
    kind: 'KubeSchedulerConfiguration',
    ...value,
  };
  try {
    schedulerConfiguration(defaults, document, plugins);
  } catch (error) {
    if (!(error instanceof SchedulerConfigurationError)) {
      throw error;
    }
    for (const { path: steps, text } of error.mistakes) {
      const field = `${formatPath(steps)}: `;
      const message = text.startsWith(field) ? text.slice(field.length) : text;
      problems.add(problemAt(origin, [...path, ...steps], { code: 'BAD_VALUE', message }));
    }
  }
  return document;
}
