import type { Micros } from '../../engine/index.js';
import { type Ingress, type IngressClass, keyOf } from '../api/index.js';
import {
  type ApiClient,
  type Component,
  type ControllerContext,
  type EventRecorder,
  type Informer,
  LoopGrid,
} from '../client-go/index.js';

/** Of the controller's own Service. */
const ADDRESS = '203.0.113.254';
const CONTROLLER = 'k8s.io/ingress-nginx';

/** Writes its address into Ingresses, at the passes of a loop. Mirrors ingress-nginx internal/ingress/status. */
class IngressController implements Component {
  readonly name = 'ingress-nginx-controller';
  readonly #context: ControllerContext;
  readonly #interval: Micros;
  readonly #client: ApiClient;
  readonly #events: EventRecorder;
  readonly #ingresses: Informer<Ingress>;
  readonly #classes: Informer<IngressClass>;
  #passes: LoopGrid | undefined;
  #isArmed = false;

  constructor(context: ControllerContext, interval: Micros) {
    this.#context = context;
    this.#interval = interval;
    // client-go rest: the defaults of a client that sets none
    this.#client = context.api.client({ name: this.name, from: 'control-plane', qps: 5, burst: 10 });
    this.#events = context.api.eventRecorder(this.#client, { component: this.name });
    this.#ingresses = context.informers.informer('Ingress');
    this.#classes = context.informers.informer('IngressClass');
    this.#ingresses.onChange({
      added: (ingress) => this.#onIngress(ingress),
      modified: (ingress, before) => (ingress.spec === before.spec ? this.#arm() : this.#onIngress(ingress)),
      deleted: () => {},
    });
  }

  start(): void {
    this.#passes = new LoopGrid(this.#context.simulation.now, this.#interval, 0);
    this.#context.informers.whenSynced(() => this.#arm());
  }

  stop(): void {
    this.#passes = undefined;
    this.#isArmed = false;
    this.#client.abandon();
    this.#events.reset();
  }

  #onIngress(ingress: Ingress): void {
    if (this.#isMine(ingress)) {
      this.#events.event(ingress, 'Normal', 'Sync', 'Scheduled for sync');
      this.#arm();
    }
  }

  /** A pass that finds every address in its place does nothing, so only the next one that has something to do is made. */
  #arm(): void {
    const passes = this.#passes;
    if (passes === undefined || this.#isArmed || this.#lacking().length === 0) {
      return;
    }
    this.#isArmed = true;
    const { simulation } = this.#context;
    simulation.after(passes.after(simulation.now) - simulation.now, () => {
      if (passes === this.#passes) {
        this.#isArmed = false;
        this.#pass();
      }
    });
  }

  #pass(): void {
    const change = (current: Ingress): Ingress => ({
      ...current,
      status: { ...current.status, loadBalancer: { ingress: [{ ip: ADDRESS }] } },
    });
    for (const ingress of this.#lacking()) {
      this.#client.patchStatus('Ingress', keyOf(ingress), change, (reply) => (reply.ok ? undefined : this.#arm()));
    }
  }

  #lacking(): readonly Ingress[] {
    return [...this.#ingresses.list()].filter(
      (ingress) => this.#isMine(ingress) && ingress.status?.loadBalancer?.ingress?.[0]?.ip !== ADDRESS,
    );
  }

  #isMine({ spec }: Ingress): boolean {
    const found = this.#classes.get(spec?.ingressClassName ?? '');
    return found === undefined || found.spec?.controller === CONTROLLER;
  }
}

export const createIngressController = (context: ControllerContext, interval: Micros): Component =>
  new IngressController(context, interval);
