/** A process or controller. `stop` is the death of its process: timers, queues, caches and requests in flight are gone. */
export interface Component {
  readonly name: string;
  start(): void;
  stop(): void;
}
