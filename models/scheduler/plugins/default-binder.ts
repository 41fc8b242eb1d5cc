import type { Plugin } from '../framework/plugin.js';
import type { PodInfo } from '../framework/pod-info.js';
import { failure, type Status } from '../framework/status.js';

const NAME = 'DefaultBinder';

/** Posts the binding; answers with the error's text when the API server refuses it. */
export type PostBinding = (pod: PodInfo, nodeName: string, done: (error: string | undefined) => void) => void;

/** Binds by the API server's binding subresource. */
export const defaultBinder = (post: PostBinding): Plugin => ({
  name: NAME,
  bind(pod: PodInfo, nodeName: string, done: (status: Status | undefined) => void): boolean {
    post(pod, nodeName, (error) => done(error === undefined ? undefined : failure(NAME, error)));
    return true;
  },
});
