import { milliseconds, type ObjectKey, seconds } from '../../../engine/index.js';
import { type ConfigMap, keyOf } from '../../../models/api/index.js';
import {
  Controller,
  type ControllerContext,
  type ControllerSettings,
  type SyncResult,
} from '../../../models/client-go/index.js';
import { anApiServer } from '../../helpers/an-api-server.js';

/** Notes its syncs; `answer` says how each ends, after `takes`. */
class Noting extends Controller {
  readonly name = 'noting';
  readonly syncs: string[] = [];
  answer: SyncResult = 'done';
  takes = 0;

  constructor(context: ControllerContext, settings: ControllerSettings) {
    super(context, settings);
    const enqueue = (object: ConfigMap) => this.enqueue(keyOf(object));
    context.informers.informer('ConfigMap').onChange({ added: enqueue, modified: enqueue, deleted: enqueue });
  }

  protected sync(key: ObjectKey, done: (result: SyncResult) => void): void {
    const { simulation } = this.context;
    this.syncs.push(`${key.split('/')[1]} at ${simulation.now / 1000}`);
    simulation.after(this.takes, () => done(this.answer));
  }
}

function aController(settings: ControllerSettings) {
  const control = anApiServer({ apiCall: milliseconds(4), watchDelivery: milliseconds(3) });
  const controller = new Noting(control.context, settings);
  return {
    ...control,
    controller,
    create: (name: string) =>
      control.server.registry.create('ConfigMap', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'default' },
      }),
  };
}

describe('a controller', () => {
  it('begins when its caches are filled, with as many keys at a time as it has workers', () => {
    const { controller, create, informers, simulation } = aController({ workers: 2 });
    for (const name of ['a', 'b', 'c']) {
      create(name);
    }
    controller.takes = milliseconds(10);
    controller.start();
    informers.start();
    simulation.runUntil(seconds(1));
    expect(controller.syncs).toEqual(['a at 4', 'b at 4', 'c at 14']);
  });

  it('retries a key that failed after 5, 10, 20 ms and gives it up after as many retries as it is told', () => {
    const { controller, create, informers, simulation } = aController({ workers: 1, maxRetries: 3 });
    create('a');
    controller.answer = 'retry';
    controller.start();
    informers.start();
    simulation.runUntil(seconds(10));
    expect(controller.syncs).toEqual(['a at 4', 'a at 9', 'a at 19', 'a at 39']);
  });

  it('looks again when it said it would', () => {
    const { controller, create, informers, simulation } = aController({ workers: 1 });
    create('a');
    controller.answer = { requeueAfter: seconds(1) };
    controller.start();
    informers.start();
    simulation.runUntil(seconds(3));
    expect(controller.syncs).toEqual(['a at 4', 'a at 1004', 'a at 2004']);
  });

  it('syncs every object anew after its process came back, and hears no answer from before', () => {
    const { controller, create, informers, simulation } = aController({ workers: 1 });
    create('a');
    controller.takes = seconds(2);
    controller.start();
    informers.start();
    simulation.runUntil(seconds(1));
    controller.stop();
    informers.stop();
    controller.start();
    informers.start();
    create('b');
    simulation.runUntil(seconds(10));
    // The worker that was busy until 2.004 s is gone; the new one takes a at 1.004 s and b when that is done.
    expect(controller.syncs).toEqual(['a at 4', 'a at 1004', 'b at 3004']);
  });
});
