import type { EphemeralVolumeSource, HostPathVolumeSource, ObjectMeta, Volume } from '../generated/types.js';
import { compareQuantities } from '../quantity.js';
import type { FieldErrors, FieldPath } from './field-errors.js';
import { validateAnnotations, validateLabels } from './meta.js';
import { isDnsLabel, isDnsSubdomain } from './names.js';
import { validateDescendingPath, validateNoBacksteps } from './paths.js';
import { validateClaimSpec } from './storage.js';
import { validateDownwardFiles, validateFiles, validateProjected } from './volume-files.js';

// k8s 1.37 pkg/apis/core/validation/validation.go

type Check = (volume: Volume, path: FieldPath, errors: FieldErrors, isPod?: boolean) => void;
type SourceName = Exclude<keyof Volume, 'name'> & string;

/** A source that must say these things, and whose other fields are not looked at. */
const requires =
  (source: SourceName, ...fields: readonly string[]): Check =>
  (volume, path, errors) => {
    for (const field of fields) {
      const value = (volume[source] as unknown as Readonly<Record<string, unknown>>)[field];
      if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
        errors.required(path.child(field));
      }
    }
  };

/** Sources in the order in which they are looked for: the first is the volume's, all later ones are one too many. */
const SOURCES: { readonly [K in SourceName]?: Check } = {
  emptyDir: ({ emptyDir }, path, errors) => {
    if (emptyDir?.sizeLimit !== undefined && compareQuantities(emptyDir.sizeLimit, '0') < 0) {
      errors.forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity');
    }
  },
  hostPath: ({ hostPath }, path, errors) => validateHostPath(hostPath as HostPathVolumeSource, path, errors),
  gitRepo: (volume, path, errors) => {
    requires('gitRepo', 'repository')(volume, path, errors);
    validateDescendingPath(volume.gitRepo?.directory ?? '', path.child('directory'), errors);
  },
  gcePersistentDisk: requires('gcePersistentDisk', 'pdName'),
  awsElasticBlockStore: requires('awsElasticBlockStore', 'volumeID'),
  secret: (volume, path, errors) => {
    requires('secret', 'secretName')(volume, path, errors);
    validateFiles(volume.secret ?? {}, path, errors);
  },
  nfs: (volume, path, errors) => {
    requires('nfs', 'server', 'path')(volume, path, errors);
    if (!volume.nfs?.path?.startsWith('/')) {
      errors.invalid(path.child('path'), volume.nfs?.path ?? '', 'must be an absolute path');
    }
  },
  iscsi: requires('iscsi', 'targetPortal', 'iqn'),
  glusterfs: requires('glusterfs', 'endpoints', 'path'),
  flocker: () => undefined,
  persistentVolumeClaim: requires('persistentVolumeClaim', 'claimName'),
  rbd: requires('rbd', 'monitors', 'image'),
  cinder: requires('cinder', 'volumeID'),
  cephfs: requires('cephfs', 'monitors'),
  quobyte: requires('quobyte', 'registry', 'volume'),
  downwardAPI: ({ downwardAPI }, path, errors) => validateDownwardFiles(downwardAPI ?? {}, path, errors),
  fc: () => undefined,
  flexVolume: requires('flexVolume', 'driver'),
  configMap: (volume, path, errors) => {
    requires('configMap', 'name')(volume, path, errors);
    validateFiles(volume.configMap ?? {}, path, errors);
  },
  azureFile: requires('azureFile', 'secretName', 'shareName'),
  vsphereVolume: requires('vsphereVolume', 'volumePath'),
  photonPersistentDisk: requires('photonPersistentDisk', 'pdID'),
  portworxVolume: requires('portworxVolume', 'volumeID'),
  azureDisk: requires('azureDisk', 'diskName', 'diskURI'),
  storageos: requires('storageos', 'volumeName'),
  projected: ({ projected }, path, errors) => validateProjected(projected ?? {}, path, errors),
  scaleIO: requires('scaleIO', 'gateway', 'system', 'volumeName'),
  csi: ({ csi }, path, errors) => validateDriverName(csi?.driver ?? '', path.child('driver'), errors),
  ephemeral: ({ ephemeral }, path, errors) => validateEphemeral(ephemeral ?? {}, path, errors),
  image: ({ image }, path, errors, isPod) => {
    // Templates are for others to fill in.
    if (isPod && !image?.reference) {
      errors.required(path.child('reference'));
    }
    errors.oneOf(path.child('pullPolicy'), image?.pullPolicy, ['Always', 'IfNotPresent', 'Never']);
  },
};

/** Paths that Kubernetes spells otherwise: where a source is checked, and where it is one too many. */
const CHECKED_AT: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const FORBIDDEN_AT: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

interface VolumeRules {
  readonly isPod: boolean;
  /** Of a pod that has one: its ephemeral volumes become claims of that name. */
  readonly podName?: string | undefined;
}

/**
 * ValidateVolumes.
 * @returns the volumes that containers can mount: those without a mistake
 */
export function validateVolumes(
  volumes: readonly Volume[],
  rules: VolumeRules,
  path: FieldPath,
  errors: FieldErrors,
): ReadonlyMap<string, Volume> {
  const { podName } = rules;
  const claims = new Set(
    podName ? volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${podName}-${name}`) : [],
  );
  const usable = new Map<string, Volume>();
  for (const [i, volume] of volumes.entries()) {
    const at = path.index(i);
    const mistakes = errors.causes.length;
    validateSource(volume, rules, at, errors);
    if (!volume.name) {
      errors.required(at.child('name'));
    } else {
      errors.invalidEach(at.child('name'), volume.name, isDnsLabel(volume.name));
    }
    if (usable.has(volume.name)) {
      errors.duplicate(at.child('name'), volume.name);
    }
    if (errors.causes.length === mistakes) {
      usable.set(volume.name, volume);
    }
    const claimName = volume.persistentVolumeClaim?.claimName;
    if (claimName !== undefined && claims.has(claimName)) {
      const message = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.invalid(at.child('persistentVolumeClaim', 'claimName'), claimName, message);
    }
  }
  return usable;
}

function validateSource(volume: Volume, { isPod, podName }: VolumeRules, path: FieldPath, errors: FieldErrors): void {
  let found = false;
  for (const [name, check] of Object.entries(SOURCES)) {
    if (volume[name as SourceName] === undefined) {
      continue;
    }
    if (found) {
      errors.forbidden(path.child(FORBIDDEN_AT[name] ?? name), 'may not specify more than 1 volume type');
      continue;
    }
    found = true;
    check(volume, path.child(CHECKED_AT[name] ?? name), errors, isPod);
    if (name === 'ephemeral' && podName && volume.name) {
      const claimName = `${podName}-${volume.name}`;
      const problems = isDnsSubdomain(claimName).map((problem) => `PVC name "${claimName}": ${problem}`);
      errors.invalidEach(path.child('name'), volume.name, problems);
    }
  }
  if (!found) {
    errors.required(path, 'must specify a volume type');
  }
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function validateHostPath({ path: file, type }: HostPathVolumeSource, path: FieldPath, errors: FieldErrors): void {
  if (!file) {
    errors.required(path.child('path'));
    return;
  }
  validateNoBacksteps(file, path.child('path'), errors);
  errors.ifSetOneOf(path.child('type'), type, HOST_PATH_TYPES);
}

/** ValidateCSIDriverName */
function validateDriverName(name: string, path: FieldPath, errors: FieldErrors): void {
  if (name === '') {
    errors.required(path);
    return;
  }
  if (name.length > 63) {
    errors.tooLong(path, 63);
  }
  errors.invalidEach(path, name, isDnsSubdomain(name.toLowerCase()));
}

const META_OF_CLAIM_TEMPLATES = ['annotations', 'labels'];

function validateEphemeral({ volumeClaimTemplate }: EphemeralVolumeSource, path: FieldPath, errors: FieldErrors): void {
  const at = path.child('volumeClaimTemplate');
  if (volumeClaimTemplate === undefined) {
    errors.required(at);
    return;
  }
  const meta: Readonly<Partial<ObjectMeta>> = volumeClaimTemplate.metadata ?? {};
  validateAnnotations(meta.annotations, at.child('metadata', 'annotations'), errors);
  validateLabels(meta.labels, at.child('metadata', 'labels'), errors);
  for (const [field, value] of Object.entries(meta)) {
    if (!META_OF_CLAIM_TEMPLATES.includes(field) && value !== '' && value !== 0) {
      errors.forbidden(at.child('metadata', field), 'cannot be set');
    }
  }
  validateClaimSpec(volumeClaimTemplate.spec, at.child('spec'), errors);
}
