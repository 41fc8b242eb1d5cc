/** k8s 1.37 pkg/apis/core/helper: what a resource is, told by its name. */

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

/** What quotas count in whole objects. */
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

const QUOTA = new Set([
  ...COMPUTE,
  ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...COUNTED,
]);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');

const isHugePagesQuota = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');

/** Names without a domain, or of Kubernetes' own. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** A resource of somebody else's domain, such as nvidia.com/gpu. As IsExtendedResourceName, for names that are well formed. */
export const isExtendedResource = (name: string): boolean => !isNativeResource(name) && !name.startsWith('requests.');

export const isStandardQuotaResource = (name: string): boolean => QUOTA.has(name) || isHugePagesQuota(name);

export const isStandardResource = (name: string): boolean => isStandardQuotaResource(name) || name === 'storage';

export const isStandardContainerResource = (name: string): boolean => COMPUTE.includes(name) || isHugePages(name);

export const isIntegerResource = (name: string): boolean => COUNTED.includes(name) || isExtendedResource(name);

export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);
