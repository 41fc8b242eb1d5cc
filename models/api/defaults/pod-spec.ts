import type {
  Container,
  ContainerPort,
  DownwardAPIVolumeFile,
  EnvVar,
  Lifecycle,
  LifecycleHandler,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Volume,
  VolumeProjection,
} from '../generated/types.js';
import { change, changeEach, fill, settled } from './fill.js';
import { defaultPullPolicy } from './image.js';
import { defaultResourceList, defaultResources } from './resource-list.js';

// pkg/apis/core/v1/defaults.go; conversion.go for the older name of serviceAccountName

/** SetDefaults_PodSpec and what it reaches: the part that templates are filled with too. */
export const defaultPodSpec: (spec: PodSpec) => PodSpec = settled((spec) => {
  const filled = fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    serviceAccount: spec.serviceAccountName || undefined,
    serviceAccountName: spec.serviceAccount || undefined,
  });
  return change(filled, {
    containers: defaultContainers(spec.containers),
    ...(spec.initContainers && { initContainers: defaultContainers(spec.initContainers) }),
    ...(spec.ephemeralContainers && { ephemeralContainers: changeEach(spec.ephemeralContainers, defaultContainer) }),
    ...(spec.volumes && { volumes: defaultVolumes(spec.volumes) }),
    ...(spec.overhead && { overhead: defaultResourceList(spec.overhead) }),
    ...(spec.resources && { resources: defaultResources(spec.resources) }),
  });
});

export const defaultPodTemplate = (template: PodTemplateSpec): PodTemplateSpec =>
  template.spec ? change(template, { spec: defaultPodSpec(template.spec) }) : template;

const defaultContainers: (containers: readonly Container[]) => readonly Container[] = settled((containers) =>
  changeEach(containers, defaultContainer),
);

function defaultContainer<C extends Container>(container: C): C {
  const filled: Container = fill<Container>(container, {
    imagePullPolicy: defaultPullPolicy(container.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  const { env, lifecycle, livenessProbe, ports, readinessProbe, resources, startupProbe } = container;
  return change(filled, {
    ...(env && { env: changeEach(env, defaultEnvVar) }),
    ...(lifecycle && { lifecycle: defaultLifecycle(lifecycle) }),
    ...(livenessProbe && { livenessProbe: defaultProbe(livenessProbe) }),
    ...(ports && { ports: changeEach(ports, defaultPort) }),
    ...(readinessProbe && { readinessProbe: defaultProbe(readinessProbe) }),
    ...(resources && { resources: defaultResources(resources) }),
    ...(startupProbe && { startupProbe: defaultProbe(startupProbe) }),
  }) as C;
}

const defaultPort = (port: ContainerPort): ContainerPort => fill(port, { protocol: 'TCP' });

function defaultEnvVar(variable: EnvVar): EnvVar {
  const fieldRef = variable.valueFrom?.fieldRef;
  return fieldRef === undefined || fieldRef.apiVersion
    ? variable
    : { ...variable, valueFrom: { ...variable.valueFrom, fieldRef: { ...fieldRef, apiVersion: 'v1' } } };
}

/** SetDefaults_Probe: zero is as good as absent. */
function defaultProbe(probe: Probe): Probe {
  const handler = defaultHttpGet(probe);
  return change(handler, {
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
    ...(probe.grpc && { grpc: probe.grpc.service === undefined ? { ...probe.grpc, service: '' } : probe.grpc }),
  });
}

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  return change(lifecycle, {
    ...(lifecycle.postStart && { postStart: defaultHttpGet<LifecycleHandler>(lifecycle.postStart) }),
    ...(lifecycle.preStop && { preStop: defaultHttpGet<LifecycleHandler>(lifecycle.preStop) }),
  });
}

function defaultHttpGet<H extends Pick<Probe, 'httpGet'>>(handler: H): H {
  return handler.httpGet
    ? (change<Pick<Probe, 'httpGet'>>(handler, { httpGet: fill(handler.httpGet, { path: '/', scheme: 'HTTP' }) }) as H)
    : handler;
}

const defaultVolumes: (volumes: readonly Volume[]) => readonly Volume[] = settled((volumes) =>
  changeEach(volumes, defaultVolume),
);

/** 0644 */
const DEFAULT_MODE = 0o644;

function defaultVolume(volume: Volume): Volume {
  if (Object.keys(volume).length === 1) {
    return { ...volume, emptyDir: {} };
  }
  const { configMap, downwardAPI, ephemeral, hostPath, image, projected, secret } = volume;
  const claim = ephemeral?.volumeClaimTemplate;
  return change(volume, {
    ...(configMap && { configMap: fill(configMap, { defaultMode: DEFAULT_MODE }) }),
    ...(secret && { secret: fill(secret, { defaultMode: DEFAULT_MODE }) }),
    ...(downwardAPI && {
      downwardAPI: change(fill(downwardAPI, { defaultMode: DEFAULT_MODE }), {
        items: changeEach(downwardAPI.items, defaultDownwardFile),
      }),
    }),
    ...(projected && {
      projected: change(fill(projected, { defaultMode: DEFAULT_MODE }), {
        sources: changeEach(projected.sources, defaultProjection),
      }),
    }),
    ...(hostPath && { hostPath: hostPath.type === undefined ? { ...hostPath, type: '' } : hostPath }),
    ...(image && { image: fill(image, { pullPolicy: defaultPullPolicy(image.reference) }) }),
    ...(claim && {
      ephemeral: {
        ...ephemeral,
        volumeClaimTemplate: { ...claim, spec: fill(claim.spec, { volumeMode: 'Filesystem' }) },
      },
    }),
    ...defaultNetworkVolume(volume),
  });
}

/** Defaults of the drivers that were part of Kubernetes. */
function defaultNetworkVolume({ azureDisk, iscsi, rbd, scaleIO }: Volume): Partial<Volume> {
  return {
    ...(azureDisk && {
      azureDisk: fill(azureDisk, { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false }),
    }),
    ...(iscsi && { iscsi: fill(iscsi, { iscsiInterface: 'default' }) }),
    ...(rbd && { rbd: fill(rbd, { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }) }),
    ...(scaleIO && { scaleIO: fill(scaleIO, { storageMode: 'ThinProvisioned', fsType: 'xfs' }) }),
  };
}

const defaultDownwardFile = (file: DownwardAPIVolumeFile): DownwardAPIVolumeFile =>
  file.fieldRef ? change(file, { fieldRef: fill(file.fieldRef, { apiVersion: 'v1' }) }) : file;

/** SetDefaults_ServiceAccountTokenProjection: an hour. */
const TOKEN_EXPIRATION_SECONDS = 3600;

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const { downwardAPI, serviceAccountToken } = projection;
  return change(projection, {
    ...(downwardAPI && {
      downwardAPI: change(downwardAPI, { items: changeEach(downwardAPI.items, defaultDownwardFile) }),
    }),
    ...(serviceAccountToken && {
      serviceAccountToken: fill(serviceAccountToken, { expirationSeconds: TOKEN_EXPIRATION_SECONDS }),
    }),
  });
}
