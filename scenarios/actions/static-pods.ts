import * as z from 'zod';
import type { Pod } from '../../models/api/index.js';
import { strict } from '../schema/shapes.js';
import { objectName } from '../schema/values.js';
import { ACTION_FIELDS, type ActionKind } from './action.js';
import { manifestList, manifestsOf } from './apply.js';
import { eachNode, nodeNames } from './nodes.js';

const writeSchema = strict({
  ...ACTION_FIELDS,
  writeStaticPods: manifestList.describe('Manifests of Pods: files, or in place.'),
  nodes: nodeNames,
});

const removeSchema = strict({
  ...ACTION_FIELDS,
  removeStaticPods: z.array(objectName).min(1).describe('Names as their manifests have them: [etcd].'),
  namespace: objectName.optional().describe('Of the pods, as their manifests have it. Left out: default.'),
  nodes: nodeNames,
});

/** Writes manifests into the folder of static pods, as `kubeadm upgrade` and people with an editor do. */
export const writeStaticPods: ActionKind<z.infer<typeof writeSchema>> = {
  verb: 'writeStaticPods',
  help: 'writes manifests into the folder of static pods of nodes, in the place of those that have the same names',
  schema: writeSchema,
  manifests: ({ writeStaticPods }) => manifestsOf(writeStaticPods),
  perform(context, { nodes }) {
    eachNode(context, nodes, (name, done) => {
      const folder = context.cluster.node(name)?.manifests;
      for (const { kind, metadata, ...rest } of context.objects) {
        if (kind !== 'Pod' || folder === undefined) {
          const why = folder === undefined ? `node "${name}" has no kubelet` : `${kind} is no Pod`;
          context.say(`error: ${metadata.name} cannot be a static pod: ${why}`, 'failed');
        } else {
          folder.write({ kind, metadata, ...rest } as unknown as Pod);
          context.say(`static pod ${metadata.name} written on ${name}`);
        }
      }
      done();
    });
  },
};

/** Takes manifests out of the folder of static pods. */
export const removeStaticPods: ActionKind<z.infer<typeof removeSchema>> = {
  verb: 'removeStaticPods',
  help: 'takes manifests out of the folder of static pods of nodes',
  schema: removeSchema,
  perform(context, { namespace = 'default', nodes, removeStaticPods }) {
    eachNode(context, nodes, (name, done) => {
      for (const pod of removeStaticPods) {
        if (context.cluster.node(name)?.manifests?.remove(pod, namespace)) {
          context.say(`static pod ${pod} removed on ${name}`);
        } else {
          context.say(`error: there is no manifest of ${namespace}/${pod} on ${name}`, 'failed');
        }
      }
      done();
    });
  },
};
