import * as z from 'zod';
import { isKind, type Kind, SERVED_KINDS } from '../../models/api/index.js';
import { mistake } from './shapes.js';
import { didYouMean } from './suggest.js';
import { isObjectName } from './values.js';

/** An object as kubectl names it: "deployment/cart", "deploy/cart", "node/worker-0". */
export interface Reference {
  readonly kind: Kind;
  readonly name: string;
}

/** Short names of `kubectl api-resources`. */
const SHORT_NAMES: Readonly<Record<string, Kind>> = {
  cj: 'CronJob',
  cm: 'ConfigMap',
  crd: 'CustomResourceDefinition',
  csr: 'CertificateSigningRequest',
  deploy: 'Deployment',
  ds: 'DaemonSet',
  ep: 'Endpoints',
  ev: 'Event',
  hpa: 'HorizontalPodAutoscaler',
  ing: 'Ingress',
  limits: 'LimitRange',
  netpol: 'NetworkPolicy',
  no: 'Node',
  ns: 'Namespace',
  pc: 'PriorityClass',
  pdb: 'PodDisruptionBudget',
  po: 'Pod',
  pv: 'PersistentVolume',
  pvc: 'PersistentVolumeClaim',
  quota: 'ResourceQuota',
  rc: 'ReplicationController',
  rs: 'ReplicaSet',
  sa: 'ServiceAccount',
  sc: 'StorageClass',
  sts: 'StatefulSet',
  svc: 'Service',
  vpa: 'VerticalPodAutoscaler',
};

const KINDS_BY_WORD: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(SERVED_KINDS) as Kind[])
    .flatMap((kind): [string, Kind][] => [
      [kind.toLowerCase(), kind],
      [SERVED_KINDS[kind].plural, kind],
    ])
    .concat(Object.entries(SHORT_NAMES)),
);

/** The kind that a word of the kubectl command line means: "deployment", "deployments", "deploy", "deployment.apps". */
export const kindOfWord = (word: string): Kind | undefined =>
  isKind(word) ? word : KINDS_BY_WORD.get((word.split('.')[0] as string).toLowerCase());

export const suggestKind = (word: string): string | undefined => didYouMean(word, KINDS_BY_WORD.keys());

export function parseReference(text: string): Reference | undefined {
  const [word = '', name, ...rest] = text.split('/');
  const kind = kindOfWord(word);
  return kind && name && rest.length === 0 && isObjectName(name) ? { kind, name } : undefined;
}

/** A reference to an object of one of these kinds (of any, when none is named). */
export const reference = (...kinds: readonly Kind[]) =>
  z.string().superRefine((text, ctx) => {
    const example = `${(kinds[0] ?? 'Deployment').toLowerCase()}/cart`;
    const [word = '', name] = text.split('/');
    const kind = kindOfWord(word);
    if (name === undefined) {
      mistake(ctx, 'BAD_VALUE', `${JSON.stringify(text)} names no object`, `Objects are written like ${example}`);
    } else if (kind === undefined) {
      mistake(ctx, 'UNKNOWN_KIND', `no kind is called ${JSON.stringify(word)}`, suggestKind(word));
    } else if (kinds.length > 0 && !kinds.includes(kind)) {
      mistake(ctx, 'BAD_VALUE', `this cannot be done to a ${kind}`, `It can to: ${kinds.join(', ')}`);
    } else if (parseReference(text) === undefined) {
      mistake(ctx, 'BAD_VALUE', `${JSON.stringify(text)} names no object`, `Objects are written like ${example}`);
    }
  });

/** The reference in a text that was checked. */
export const referenceOf = (text: string): Reference => parseReference(text) as Reference;
