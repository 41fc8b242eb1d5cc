import * as z from 'zod';
import type { Container } from '../../models/api/index.js';
import { reference } from '../schema/reference.js';
import { strict } from '../schema/shapes.js';
import { ACTION_FIELDS, type ActionKind, NAMESPACE_FIELD, patchObject, targetOf } from './action.js';

const schema = strict({
  ...ACTION_FIELDS,
  setImage: reference('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController'),
  images: z.record(z.string(), z.string()).describe('Container to image; "*" is every container.'),
  ...NAMESPACE_FIELD,
});

export const setImage: ActionKind<z.infer<typeof schema>> = {
  verb: 'setImage',
  help: 'kubectl set image',
  schema,
  perform(context, { setImage, images, namespace }) {
    const target = targetOf(setImage, namespace) as ReturnType<typeof targetOf> & { kind: 'Deployment' };
    const found = context.cluster.get(target.kind, target.key);
    const names = new Set([
      ...(found?.spec.template.spec?.containers ?? []).map(({ name }) => name),
      ...(found?.spec.template.spec?.initContainers ?? []).map(({ name }) => name),
    ]);
    const unknown = Object.keys(images).find((name) => name !== '*' && found && !names.has(name));
    if (unknown !== undefined) {
      context.say(`error: unable to find container named "${unknown}"`, 'failed');
      return;
    }
    const renew = (containers: readonly Container[]): readonly Container[] =>
      containers.map((container) => {
        const image = images[container.name] ?? images['*'];
        return image === undefined ? container : { ...container, image };
      });
    patchObject(context, target, 'image updated', (current) => {
      const pod = current.spec.template.spec;
      if (!pod) {
        return current;
      }
      const changed = {
        ...pod,
        containers: renew(pod.containers),
        ...(pod.initContainers && { initContainers: renew(pod.initContainers) }),
      };
      return { ...current, spec: { ...current.spec, template: { ...current.spec.template, spec: changed } } };
    });
  },
};
