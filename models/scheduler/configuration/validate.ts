import { parseDuration } from '../../../engine/index.js';
import { isExtendedResource } from '../../api/index.js';
import { DEFAULT_ARGUMENTS, type PluginArguments } from '../plugins/arguments.js';
import { argumentsOf } from './defaults.js';
import type { ConfigurationDocument, ExtenderDocument, PluginSet, PluginSets, ProfileDocument } from './document.js';
import { type FieldError, FieldErrors } from './field-error.js';
import { qualifiedNameProblems } from './names.js';
import type { Path } from './strict-reader.js';
import { checkArguments } from './validate-arguments.js';

/** Plugins that were taken out of the version. As invalidPluginsByVersion. */
const REMOVED: ReadonlySet<string> = new Set(['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits']);

/** Points in the order in which their sets are looked through. */
const CHECKED_POINTS: readonly (keyof PluginSets)[] = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
];

/** Mistakes of a document, in kube-scheduler's order. As ValidateKubeSchedulerConfiguration (apis/config/validation). */
export function validateDocument(document: ConfigurationDocument, version: string): readonly FieldError[] {
  const errors = new FieldErrors();
  if (document.clientConnection.burst < 0) {
    errors.invalid(['clientConnection', 'burst'], document.clientConnection.burst, 'must be non-negative');
  }
  checkLeaderElection(document.leaderElection, errors);
  if (document.parallelism <= 0) {
    errors.invalid(['parallelism'], document.parallelism, 'should be an integer value greater than zero');
  }
  checkProfiles(document.profiles, version, errors);
  checkPercentage(document.percentageOfNodesToScore, ['percentageOfNodesToScore'], errors);
  const { podInitialBackoffSeconds: initial, podMaxBackoffSeconds: maximum } = document;
  if (initial <= 0) {
    errors.invalid(['podInitialBackoffSeconds'], initial, 'must be greater than 0');
  }
  if (maximum < initial) {
    errors.invalid(['podMaxBackoffSeconds'], maximum, 'must be greater than or equal to PodInitialBackoffSeconds');
  }
  checkExtenders(document.extenders ?? [], errors);
  return errors.found;
}

/** As ValidateLeaderElectionConfiguration (k8s.io/component-base config/validation). */
function checkLeaderElection(election: ConfigurationDocument['leaderElection'], errors: FieldErrors): void {
  if (!election.leaderElect) {
    return;
  }
  const path = (name: string): Path => ['leaderElection', name];
  const [lease, renew] = (['leaseDuration', 'renewDeadline', 'retryPeriod'] as const).map((name) => {
    const duration = parseDuration(election[name]);
    if (duration <= 0) {
      errors.invalid(path(name), election[name], 'must be greater than zero');
    }
    return duration;
  }) as [number, number];
  if (lease <= renew) {
    // The value shown is indeed that of the other field.
    errors.invalid(path('leaseDuration'), election.renewDeadline, 'must be greater than `RenewDeadline`');
  }
  if (election.resourceLock !== 'leases') {
    errors.invalid(path('resourceLock'), election.resourceLock, 'resourceLock value must be "leases"');
  }
}

function checkPercentage(percentage: number | undefined, path: Path, errors: FieldErrors): void {
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    errors.invalid(path, percentage, 'not in valid range [0-100]');
  }
}

function checkProfiles(profiles: readonly ProfileDocument[], version: string, errors: FieldErrors): void {
  const names = new Set<string>();
  profiles.forEach((profile, i) => {
    const path: Path = ['profiles', i];
    const { schedulerName = '' } = profile;
    if (schedulerName === '') {
      errors.required([...path, 'schedulerName']);
    }
    checkPercentage(profile.percentageOfNodesToScore, [...path, 'percentageOfNodesToScore'], errors);
    checkPluginSets(profile.plugins ?? {}, [...path, 'plugins'], version, errors);
    checkPluginConfig(profile, [...path, 'pluginConfig'], version, errors);
    if (names.has(schedulerName)) {
      // field.Duplicate is handed the path of the first profile, and a path has nothing to show.
      errors.duplicate([...path, 'schedulerName'], {});
    }
    names.add(schedulerName);
  });
  checkQueueSort(profiles, errors);
}

const removedText = (version: string): string =>
  `was invalid in version "${version}" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/${version}")`;

function checkPluginSets(sets: PluginSets, path: Path, version: string, errors: FieldErrors): void {
  for (const point of CHECKED_POINTS) {
    sets[point]?.enabled?.forEach(({ name }, i) => {
      if (REMOVED.has(name)) {
        errors.invalid([...path, point, 'enabled', i], name, removedText(version));
      }
    });
  }
}

/** As validatePluginConfig. */
function checkPluginConfig(profile: ProfileDocument, path: Path, version: string, errors: FieldErrors): void {
  const seen = new Set<string>();
  profile.pluginConfig?.forEach((entry, i) => {
    const { name } = entry;
    if (seen.has(name)) {
      errors.duplicate([...path, i], name);
    }
    seen.add(name);
    if (REMOVED.has(name)) {
      errors.invalid([...path, i], name, removedText(version));
    } else if (name in DEFAULT_ARGUMENTS && name !== 'NodeResourcesFit') {
      // The args of NodeResourcesFit are looked up under a wrong name there, so that only its construction checks them.
      const plugin = name as keyof PluginArguments;
      const args = argumentsOf({ pluginConfig: [entry] });
      errors.found.push(...checkArguments(plugin, args[plugin], [...path, i, 'args']));
    }
  });
}

/** As validateCommonQueueSort: one queue serves all profiles. */
function checkQueueSort(profiles: readonly ProfileDocument[], errors: FieldErrors): void {
  const first = JSON.stringify(goPluginSet(profiles[0]?.plugins?.queueSort));
  const count = profiles[0]?.plugins?.queueSort?.enabled?.length ?? 0;
  if (count > 1) {
    const path: Path = ['profiles', 0, 'plugins', 'queueSort', 'Enabled'];
    errors.invalid(path, count, 'only one queue sort plugin can be enabled');
  }
  profiles.slice(1).forEach(({ plugins }, i) => {
    const own = goPluginSet(plugins?.queueSort);
    if (JSON.stringify(own) !== first) {
      errors.invalid(['profiles', i + 1, 'plugins', 'queueSort'], own, 'must be the same for all profiles');
    }
  });
}

/** A set as Go's json shows the internal type. */
function goPluginSet(set: PluginSet | undefined): unknown {
  const entries = (list: PluginSet['enabled']): unknown =>
    list === undefined || list.length === 0
      ? null
      : list.map(({ name, weight = 0 }) => ({ Name: name, Weight: weight }));
  return { Enabled: entries(set?.enabled), Disabled: entries(set?.disabled) };
}

/** As validateExtenders. */
function checkExtenders(extenders: readonly ExtenderDocument[], errors: FieldErrors): void {
  const managed = new Set<string>();
  extenders.forEach(({ prioritizeVerb, weight = 0, managedResources = [] }, i) => {
    if (prioritizeVerb && weight <= 0) {
      errors.invalid(['extenders', i, 'weight'], weight, 'must have a positive weight applied to it');
    }
    managedResources.forEach(({ name }, j) => {
      const path: Path = ['extenders', i, 'managedResources', j, 'name'];
      const problems = qualifiedNameProblems(name);
      for (const problem of problems) {
        errors.invalid(path, name, problem);
      }
      if (problems.length === 0 && !isExtendedResource(name)) {
        errors.invalid(path, name, 'is an invalid extended resource name');
      }
      if (managed.has(name)) {
        errors.invalid(path, name, 'duplicate extender managed resource name');
      }
      managed.add(name);
    });
  });
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1) {
    const found = `found ${binders} extenders implementing bind`;
    errors.invalid(['extenders'], found, 'only one extender can implement bind');
  }
}
