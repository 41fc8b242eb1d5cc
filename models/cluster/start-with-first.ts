import type { Kind } from '../api/index.js';
import type { ApiServer } from '../apiserver/index.js';
import type { Component } from '../client-go/index.js';

/** Starts a component when the first object of its kind comes: where there is none it costs nothing. */
export function startWithFirst(kind: Kind, server: ApiServer, component: Component): void {
  const stop = server.registry.store.watch(kind, {
    added: () => {
      stop();
      component.start();
    },
    modified: () => {},
    deleted: () => {},
  });
}
