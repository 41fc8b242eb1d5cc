import * as z from 'zod';
import { formatRfc3339, type Micros, parseRfc3339, seconds, toSeconds } from '../../engine/index.js';
import { keyOf, type Secret } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { duration, micros } from '../schema/values.js';
import { ACTION_FIELDS, type ActionContext, type ActionKind, failedReply } from './action.js';

const NAMESPACE = 'kube-system';
const TYPE = 'bootstrap.kubernetes.io/token';
const GROUP = 'system:bootstrappers:kubeadm:default-node-token';

/** k8s 1.37 cmd/kubeadm/app/apis/kubeadm/v1beta4: discovery time-out; constants DiscoveryRetryInterval. */
const DISCOVERY_TIMEOUT = seconds(300);
const DISCOVERY_RETRY = seconds(5);
/** The same file, TLSBootstrap: how long kubeadm waits for the kubelet's certificate. */
const BOOTSTRAP_TIMEOUT = seconds(300);

const token = z
  .string()
  .regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/, 'a bootstrap token is written like abcdef.0123456789abcdef')
  .describe('A bootstrap token: abcdef.0123456789abcdef.');

const nowOf = ({ wallClock }: ActionContext): Micros => parseRfc3339(wallClock()) as Micros;

const read = ({ data = {} }: Secret, field: string): string => Buffer.from(data[field] ?? '', 'base64').toString();

const keyOfToken = (text: string): string => `${NAMESPACE}/bootstrap-token-${text.split('.', 1)[0]}`;

const createSchema = strict({
  ...ACTION_FIELDS,
  tokenCreate: token,
  ttl: duration.optional().describe('Left out: 24h. 0s: it never ends.'),
  groups: z
    .array(
      z
        .string()
        .regex(
          /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/,
          'expected a group such as system:bootstrappers:edge',
        ),
    )
    .min(1)
    .optional()
    .describe(
      `Whom it makes a member of. Left out: ${GROUP}, whose requests for certificates are approved by themselves.`,
    ),
});

export const tokenCreate: ActionKind<z.infer<typeof createSchema>> = {
  verb: 'tokenCreate',
  help: 'kubeadm token create',
  schema: createSchema,
  perform(context, { tokenCreate, ttl = '24h', groups = [GROUP] }) {
    const [id = '', secret = ''] = tokenCreate.split('.');
    const lifetime = micros(ttl);
    const values = {
      'token-id': id,
      'token-secret': secret,
      ...(lifetime > 0 && { expiration: formatRfc3339(nowOf(context) + lifetime, 0) }),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': groups.join(','),
    };
    const data = Object.fromEntries(
      Object.entries(values).map(([field, value]) => [field, Buffer.from(value).toString('base64')]),
    );
    const metadata = { name: `bootstrap-token-${id}`, namespace: NAMESPACE };
    context.user.create('Secret', { apiVersion: 'v1', kind: 'Secret', metadata, type: TYPE, data }, (reply) => {
      if (!failedReply(context, reply)) {
        context.say(tokenCreate);
      }
    });
  },
};

const listSchema = strict({ ...ACTION_FIELDS, tokenList: z.literal(true) });

export const tokenList: ActionKind<z.infer<typeof listSchema>> = {
  verb: 'tokenList',
  help: 'kubeadm token list',
  schema: listSchema,
  perform(context) {
    context.user.list('Secret', NAMESPACE, (reply) => {
      if (failedReply(context, reply)) {
        return;
      }
      const tokens = reply.object.filter(({ type }) => type === TYPE).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      context.say('TOKEN                     TTL         EXPIRES');
      for (const found of tokens) {
        const expires = read(found, 'expiration');
        const left = expires === '' ? '<forever>' : `${toSeconds((parseRfc3339(expires) ?? 0) - nowOf(context))}s`;
        const text = `${read(found, 'token-id')}.${read(found, 'token-secret')}`;
        context.say(`${text.padEnd(26)}${left.padEnd(12)}${expires === '' ? '<never>' : expires}`);
      }
    });
  },
};

const joinSchema = strict({
  ...ACTION_FIELDS,
  join: z.string().describe('A pool of the cluster: one machine more of it.'),
  token,
  preflight: duration.optional().describe('From the command to the first look at the token. Left out: 2s.'),
  networkReady: duration
    .optional()
    .describe('From the start of the kubelet until the network plugin has set itself up. Left out: 10s.'),
});
type JoinText = z.infer<typeof joinSchema>;

/** `kubeadm join`: the token lets the machine ask for a certificate, with which its kubelet registers. */
export const join: ActionKind<JoinText> = {
  verb: 'join',
  help: 'kubeadm join: a machine of a pool, by a bootstrap token',
  schema: joinSchema,
  perform(context, spec) {
    const { simulation } = context;
    simulation.after(micros(spec.preflight ?? '2s'), () => discover(context, spec, simulation.now + DISCOVERY_TIMEOUT));
  },
};

/** Without the token nothing vouches for the server: kubeadm looks again until its patience ends. */
function discover(context: ActionContext, spec: JoinText, until: Micros): void {
  const [id = '', secret] = spec.token.split('.');
  const { simulation, user } = context;
  user.get('Secret', keyOfToken(spec.token), (reply) => {
    const expires = reply.ok ? read(reply.object, 'expiration') : '';
    const isThere = reply.ok && (expires === '' || (parseRfc3339(expires) ?? 0) > nowOf(context));
    if (isThere && read(reply.object, 'token-secret') === secret) {
      askForCertificate(context, spec, id, read(reply.object, 'auth-extra-groups'));
    } else if (simulation.now + DISCOVERY_RETRY < until) {
      simulation.after(DISCOVERY_RETRY, () => discover(context, spec, until));
    } else {
      const why = isThere
        ? "failed to verify JWS signature of received cluster info object, can't trust this API Server"
        : `could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`;
      const where = "error execution phase preflight: couldn't validate the identity of the API Server";
      context.say(`${where}: ${why}`, 'failed');
    }
  });
}

/** As the kubelet does with its bootstrap kubeconfig (k8s 1.37 pkg/kubelet/certificate/bootstrap). */
function askForCertificate(context: ActionContext, spec: JoinText, tokenId: string, extraGroups: string): void {
  const { user } = context;
  const request = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'node-csr-' },
    spec: {
      request: Buffer.from('certificate request').toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
      username: `system:bootstrap:${tokenId}`,
      groups: [
        'system:bootstrappers',
        ...extraGroups.split(',').filter((group) => group !== ''),
        'system:authenticated',
      ],
    },
  } as const;
  user.create('CertificateSigningRequest', request, (reply) => {
    if (failedReply(context, reply)) {
      return;
    }
    awaitCertificate(context, spec, reply.object.metadata.name);
  });
}

/**
 * kubeadm gives up after a while; the kubelet goes on waiting until somebody approves, or denies, its request. Leaves out that it makes
 * another after 15 minutes.
 */
function awaitCertificate(context: ActionContext, spec: JoinText, name: string): void {
  const { cluster, simulation } = context;
  const patience = simulation.after(BOOTSTRAP_TIMEOUT, () => {
    ended();
    context.say('error execution phase kubelet-start: timed out waiting for the condition', 'failed');
  });
  const ended = context.unfinished(() => [`certificatesigningrequest.certificates.k8s.io/${name} is not approved`]);
  const stop = cluster.watch('CertificateSigningRequest', {
    added: () => {},
    modified: ({ metadata, status }) => {
      if (metadata.name === name && status?.certificate !== undefined) {
        const isInTime = patience.isPending;
        stop();
        ended();
        patience.cancel();
        simulation.after(0, () => startKubelet(context, spec, isInTime));
      }
    },
    deleted: () => {},
  });
}

function startKubelet(context: ActionContext, { join, networkReady = '10s' }: JoinText, isInTime: boolean): void {
  for (const name of context.addNodes(join, 1)) {
    const heal = context.cluster.node(name)?.runtime.breakNetworkPlugin();
    context.simulation.after(micros(networkReady), () => heal?.());
    if (isInTime) {
      context.say(`This node has joined the cluster: ${name}`);
    }
  }
}
