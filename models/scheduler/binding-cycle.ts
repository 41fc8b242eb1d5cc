import { type Extender, ExtenderError } from './framework/extender.js';
import type { NodeInfo } from './framework/node-info.js';
import type { Plugin } from './framework/plugin.js';
import type { PodInfo } from './framework/pod-info.js';
import type { Profile } from './framework/profile.js';
import { failure, type Status } from './framework/status.js';
import type { WaitingPods } from './framework/waiting-pods.js';
import type { PodClient } from './pod-client.js';

export interface BindingCycle {
  readonly profile: Profile;
  readonly pod: PodInfo;
  readonly node: NodeInfo;
  readonly podClient: PodClient;
  /** Says where the pod is going before plugins work for it, which may take long. Gate NominatedNodeNameForExpectation. */
  readonly nominates: boolean;
  readonly extenders: readonly Extender[];
  readonly waitingPods: WaitingPods;
  /** No plugin holds the pod any more. */
  readonly onPermitted: () => void;
}

/**
 * Waits for Permit, runs PreBind plugins one after the other, then the first Bind plugin that takes the pod, then PostBind.
 * As bindingCycle (pkg/scheduler/schedule_one.go).
 */
export function bindPod(binding: BindingCycle, done: (status: Status | undefined) => void): void {
  const { profile, pod, node, podClient, nominates, waitingPods } = binding;
  const working = profile.at('preBind').filter((plugin) => plugin.needsPreBind?.(pod, node) ?? true);
  const start = (): void =>
    waitingPods.whenDecided(pod.uid, (status) => {
      if (status !== undefined) {
        done(status);
        return;
      }
      binding.onPermitted();
      runPreBind(working, binding, done);
    });
  if (nominates && (working.length > 0 || waitingPods.get(pod.uid) !== undefined)) {
    podClient.patchStatus(pod, { nominatedNodeName: node.name }, start);
  } else {
    start();
  }
}

function runPreBind(
  plugins: readonly Plugin[],
  binding: BindingCycle,
  done: (status: Status | undefined) => void,
): void {
  const [plugin, ...rest] = plugins;
  if (plugin === undefined) {
    runBind(binding, done);
    return;
  }
  const { pod, node } = binding;
  plugin.preBind?.(pod, node, (status) => (status === undefined ? runPreBind(rest, binding, done) : done(status)));
}

/** An extender that binds goes before the plugins: it says yes or no, and the binding is posted for it. */
function runBind(binding: BindingCycle, done: (status: Status | undefined) => void): void {
  const { profile, pod, node, podClient, extenders } = binding;
  const onBound = (status: Status | undefined): void => {
    if (status === undefined) {
      for (const plugin of profile.at('postBind')) {
        plugin.postBind?.(pod, node.name);
      }
    }
    done(status);
  };
  for (const extender of extenders) {
    if (!extender.binds || !extender.isInterested(pod)) {
      continue;
    }
    try {
      extender.bind(pod, node.name);
      podClient.bind(pod, node.name, (error) => onBound(error === undefined ? undefined : failure('', error)));
      return;
    } catch (error) {
      if (!(error instanceof ExtenderError)) {
        throw error;
      }
      if (!extender.isIgnorable) {
        onBound(failure('', error.message));
        return;
      }
    }
  }
  const isTaken = profile.at('bind').some((plugin) => plugin.bind?.(pod, node.name, onBound));
  if (!isTaken) {
    done(failure('', 'no Bind plugin took the pod'));
  }
}
