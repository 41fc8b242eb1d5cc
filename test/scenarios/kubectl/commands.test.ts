import { actionOf, UsageError } from '../../../scenarios/kubectl/index.js';
import { wordsOf } from '../../../scenarios/kubectl/words.js';
import { aScenario, complaints } from '../../helpers/scenario-text.js';

describe('a command line', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ["nginx='nginx:1.11.0'", ['nginx=nginx:1.11.0']],
    ['-p "{\\"a\\": 1}"', ['-p', '{"a": 1}']],
    ['-p \'{"a": 1}\'', ['-p', '{"a": 1}']],
    ['a\\ b ""', ['a b', '']],
  ])('%s is split as a shell splits it', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it.each<[string, object]>([
    ['scale deployment/web --replicas=3', { scale: 'deployment/web', replicas: 3 }],
    ['scale --replicas 3 deploy web api', { scale: ['deploy/web', 'deploy/api'], replicas: 3 }],
    [
      '-n shop scale sts -l app=db --replicas=0',
      { scale: 'sts', replicas: 0, namespace: 'shop', selector: { app: 'db' } },
    ],
    ['set image deploy/web web=nginx:2 side=s', { setImage: 'deploy/web', images: { web: 'nginx:2', side: 's' } }],
    ['set env deploy/web A=b C-', { setEnv: 'deploy/web', env: { A: 'b', C: null } }],
    [
      'set resources deploy/web -c=web --limits=cpu=200m,memory=1Gi',
      { setResources: 'deploy/web', container: 'web', limits: { cpu: '200m', memory: '1Gi' } },
    ],
    ['rollout undo deploy web --to-revision=2', { rolloutUndo: 'deploy/web', toRevision: 2 }],
    ['rollout status deploy/web -w=false --timeout=1m', { rolloutStatus: 'deploy/web', watch: false, timeout: '1m' }],
    ['rollout restart deploy,sts web', { rolloutRestart: ['deploy/web', 'sts/web'] }],
    ['delete pod p --grace-period=0 --force', { delete: 'pod/p', gracePeriod: '0s', force: true }],
    ['delete deploy/web --cascade=orphan', { delete: 'deploy/web', cascade: 'orphan' }],
    ['delete pods --all --now', { delete: 'pods', gracePeriod: '1s', all: true }],
    ['delete -f web.yaml', { deleteManifests: ['web.yaml'] }],
    [
      'apply --server-side --force-conflicts --field-manager=ci -f a.yaml',
      { apply: ['a.yaml'], serverSide: true, forceConflicts: true, fieldManager: 'ci' },
    ],
    ['apply -f a.yaml,b.yaml -f c.yaml', { apply: ['a.yaml', 'b.yaml', 'c.yaml'] }],
    [
      'label pods -l a=b x=y z-',
      { label: 'pods', labels: { x: 'y', z: null }, overwrite: false, selector: { a: 'b' } },
    ],
    ['taint nodes n1 n2 k=v:NoSchedule', { taint: ['n1', 'n2'], taints: ['k=v:NoSchedule'] }],
    ['taint nodes --all k-', { taint: {}, taints: ['k-'] }],
    ['taint node/n1 k:NoExecute-', { taint: 'n1', taints: ['k:NoExecute-'] }],
    ['cordon node/n1', { cordon: 'n1' }],
    [
      'drain n2 --delete-local-data --force --ignore-daemonsets --timeout=60s',
      { drain: 'n2', ignoreDaemonSets: true, deleteEmptyDirData: true, force: true, timeout: '60s' },
    ],
    ['expose deploy web --port=80 --target-port=8080', { expose: 'deploy/web', port: 80, targetPort: 8080 }],
    ['autoscale deploy web --min=2 --max=5 --cpu=80%', { autoscale: 'deploy/web', min: 2, max: 5, cpuPercent: 80 }],
    ['create job now --from=cronjob/report', { createJob: 'now', from: 'cronjob/report' }],
    ['wait --for=condition=Ready pod/p --timeout=60s', { wait: 'pod/p', for: 'condition=Ready', timeout: '60s' }],
    [
      "wait pods -l a=b --for=jsonpath='{.status.phase}'=Running",
      { wait: 'pods', for: 'jsonpath={.status.phase}=Running', selector: { a: 'b' } },
    ],
    [
      'set env deploy/web --from=configmap/c --prefix=C_ --keys=a,b',
      { setEnv: 'deploy/web', from: 'configmap/c', prefix: 'C_', keys: ['a', 'b'] },
    ],
    ['set sa deploy web builder', { setServiceAccount: 'deploy/web', serviceAccount: 'builder' }],
    ['set selector svc web a=b,c=d', { setSelector: 'svc/web', to: { a: 'b', c: 'd' } }],
    [
      'set subject rolebinding/r --user=x --serviceaccount=n:a',
      { setSubject: 'rolebinding/r', users: ['x'], serviceAccounts: ['n:a'] },
    ],
  ])('%s', (text, action) => {
    expect(actionOf(text)).toEqual(action);
  });

  it.each<[string, object]>([
    [
      'create role r --verb=get,list --resource=pods,pods/log --resource=deployments.apps',
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'r' },
        rules: [
          { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
          { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] },
        ],
      },
    ],
    [
      'create rolebinding b --clusterrole=view --user=x --serviceaccount=n:a -n shop',
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'b', namespace: 'shop' },
        subjects: [
          { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'x' },
          { kind: 'ServiceAccount', namespace: 'n', name: 'a' },
        ],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      },
    ],
    [
      'create clusterrole c --verb=get --non-resource-url=/healthz',
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'c' },
        rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }],
      },
    ],
    [
      "create ingress i --class=nginx --rule='a.com/x*=web:80,tls=s' --rule='/=web:http'",
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'i' },
        spec: {
          ingressClassName: 'nginx',
          rules: [
            {
              host: 'a.com',
              http: {
                paths: [
                  { path: '/x', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
                ],
              },
            },
            {
              http: {
                paths: [
                  { path: '/', pathType: 'Exact', backend: { service: { name: 'web', port: { name: 'http' } } } },
                ],
              },
            },
          ],
          tls: [{ hosts: ['a.com'], secretName: 's' }],
        },
      },
    ],
    [
      'create service externalname db --external-name=db.example.com',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'db', labels: { app: 'db' } },
        spec: { type: 'ExternalName', selector: { app: 'db' }, externalName: 'db.example.com' },
      },
    ],
  ])('%s', (text, object) => {
    expect(actionOf(text)).toEqual({ create: [object] });
  });

  it('create deployment makes what kubectl makes', () => {
    expect(actionOf('create deployment my --image=registry/a_b:1 --port 80 -r 2 -- run me')).toEqual({
      create: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'my', labels: { app: 'my' } },
          spec: {
            replicas: 2,
            selector: { matchLabels: { app: 'my' } },
            template: {
              metadata: { labels: { app: 'my' } },
              spec: {
                containers: [
                  { name: 'a-b', image: 'registry/a_b:1', ports: [{ containerPort: 80 }], command: ['run', 'me'] },
                ],
              },
            },
          },
        },
      ],
    });
  });

  it('selectors may have every form', () => {
    expect(actionOf("cordon -l 'a in (x, y),b!=z,c,!d'")).toEqual({
      cordon: {
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['x', 'y'] },
          { key: 'b', operator: 'NotIn', values: ['z'] },
          { key: 'c', operator: 'Exists' },
          { key: 'd', operator: 'DoesNotExist' },
        ],
      },
    });
  });

  it.each([
    ['scale deploy/web', 'required flag(s) "replicas" not set'],
    ['scale deploy/web --replica=3', 'unknown flag: --replica'],
    ['scale deploy/web --replicas', 'flag needs an argument: --replicas'],
    ['scale deploy/web -x', "unknown shorthand flag: 'x' in -x"],
    [
      'scale deploy/web --replicas=many',
      'invalid argument "many" for "--replicas" flag: strconv.ParseInt: parsing "many": invalid syntax',
    ],
    ['scale deploymnt/web --replicas=1', 'error: the server doesn\'t have a resource type "deploymnt"'],
    ['get pods', 'kubectl get changes nothing in a cluster'],
    ['scael deploy/web', 'unknown command "scael" for "kubectl"'],
    ['apply -f -', '-f - cannot be read here: name a file beside the scenario'],
    ['wait pod/p', 'required flag(s) "for" not set'],
    ['create role r --resource=pods', 'at least one verb must be specified'],
    ['create rolebinding b --user=x', 'exactly one of clusterrole or role must be specified'],
    ['label pod/p a=b pod/q', 'all resources must be specified before label changes: pod/q'],
    ['set env deploy/web', 'at least one environment variable must be provided'],
    ['edit deploy/web', 'kubectl edit cannot be used here: nobody is there to edit: use kubectl patch'],
    ["delete 'pod/a", 'a single quote is not closed'],
  ])('%s: %s', (text, message) => {
    expect(() => actionOf(text)).toThrow(new UsageError(message));
  });

  it('is checked where it is written', () => {
    expect(
      complaints({
        's.yaml': aScenario(
          [
            '  actions:',
            '  - {at: 1s, kubectl: "scale deploy/cart --replica=3"}',
            '  - {at: 2s, kubectl: "scale deploy/kart --replicas=3"}',
            '  - {at: 3s, kubectl: "drain worker-9"}',
            '  - {at: 4s, kubectl: "drain worker-9", expectError: NotFound}',
            '',
          ].join('\n'),
        ),
      }),
    ).toEqual([
      's.yaml:9:23 spec.actions[0].kubectl: unknown flag: --replica (BAD_COMMAND). Did you mean "--replicas"?',
    ]);
  });
});
