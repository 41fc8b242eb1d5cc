import { milliseconds, seconds } from '../../../engine/index.js';
import type { Event, ObjectReference } from '../../../models/api/index.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const POD: ObjectReference = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: 'u' };

function aRecorder(kubernetesVersion = '1.37') {
  const { server, simulation } = anApiServer({ kubernetesVersion });
  const client = server.client({ name: 'kubelet', from: 'node/n1', qps: 0, burst: 0 });
  const recorder = server.eventRecorder(client, { component: 'kubelet', host: 'n1' });
  return {
    simulation,
    server,
    recorder,
    /** Tells an event and lets it be written. */
    tell: (message: string, type: 'Normal' | 'Warning' = 'Normal', reason = 'Pulled') => {
      recorder.event(POD, type, reason, message);
      simulation.runUntil(simulation.now + milliseconds(1));
    },
    events: (): Event[] => [...server.list('Event')],
    counts: () => [...server.list('Event')].map(({ message, count }) => `${message} ×${count}`),
  };
}

describe('events', () => {
  it('are objects beside the object they tell of', () => {
    const { tell, events, simulation } = aRecorder();
    simulation.runUntil(milliseconds(1500));
    tell('Container image "nginx" already present on machine');
    expect(events()).toMatchObject([
      {
        metadata: { namespace: 'default', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
        involvedObject: { kind: 'Pod', name: 'web', uid: 'u' },
        type: 'Normal',
        reason: 'Pulled',
        count: 1,
        firstTimestamp: seconds(1),
        lastTimestamp: seconds(1),
        source: { component: 'kubelet', host: 'n1' },
        reportingComponent: 'kubelet',
        reportingInstance: 'n1',
      },
    ]);
  });

  it('told again are counted', () => {
    const { tell, events, simulation } = aRecorder();
    tell('a');
    simulation.runUntil(seconds(60));
    tell('a');
    expect(events()).toMatchObject([{ count: 2, firstTimestamp: 0, lastTimestamp: seconds(60) }]);
  });

  it('that differ in their message alone are combined from the tenth within ten minutes on', () => {
    const { tell, counts } = aRecorder();
    for (let i = 1; i <= 12; i++) {
      tell(`message ${i}`);
    }
    expect(counts().slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `message ${i + 1} ×1`));
    expect(counts().slice(9)).toEqual(['(combined from similar events): message 12 ×3']);
  });

  it('are told singly again when the last similar one is more than ten minutes ago', () => {
    const { tell, counts, simulation } = aRecorder();
    for (let i = 1; i <= 10; i++) {
      tell(`message ${i}`);
    }
    simulation.runUntil(seconds(601));
    tell('message 11');
    expect(counts().at(-1)).toBe('message 11 ×1');
  });

  it('of one object are told 25 times and then once in five minutes, normal ones and warnings apart', () => {
    const { tell, events, simulation } = aRecorder();
    for (let i = 1; i <= 40; i++) {
      tell('a');
    }
    // The 15 that were not told are counted all the same, and show when the next one is.
    expect(events()).toMatchObject([{ count: 25 }]);
    tell('b', 'Warning', 'Failed');
    expect(events()).toHaveLength(2);
    simulation.runUntil(seconds(301));
    tell('a');
    expect(events()[0]).toMatchObject({ count: 41 });
  });

  it('share one allowance in 1.23, whatever their type', () => {
    const { tell, events } = aRecorder('1.23');
    for (let i = 1; i <= 25; i++) {
      tell('a');
    }
    tell('b', 'Warning', 'Failed');
    expect(events()).toHaveLength(1);
  });

  it('end an hour to an hour and a minute after they were last told', () => {
    const { tell, events, simulation } = aRecorder();
    tell('a');
    simulation.runUntil(seconds(50));
    tell('b');
    simulation.runUntil(seconds(1800));
    tell('a');
    simulation.runUntil(seconds(3659));
    expect(events().map(({ message }) => message)).toEqual(['a', 'b']);
    simulation.runUntil(seconds(3661));
    expect(events().map(({ message }) => message)).toEqual(['a']);
    simulation.runUntil(seconds(1800 + 3661));
    expect(events()).toEqual([]);
  });

  it('told again after their end are created anew, and go on counting', () => {
    const { tell, events, simulation } = aRecorder();
    tell('a');
    simulation.runUntil(seconds(4000));
    expect(events()).toEqual([]);
    tell('a');
    expect(events()).toMatchObject([{ count: 2, firstTimestamp: 0, lastTimestamp: seconds(4000) }]);
  });

  it('wait one for the other, and for the token bucket they share with the component', () => {
    const { server, simulation } = anApiServer({ apiCall: milliseconds(4) });
    const client = server.client({ name: 'rs', from: 'control-plane', qps: 20, burst: 2 });
    const recorder = server.eventRecorder(client, { component: 'replicaset-controller' });
    const written: number[] = [];
    server.registry.store.watch('Event', {
      added: () => written.push(simulation.now / 1000),
      modified: () => {},
      deleted: () => {},
    });
    for (const name of ['a', 'b', 'c']) {
      recorder.event({ ...POD, name }, 'Normal', 'SuccessfulCreate', 'Created pod');
    }
    simulation.runUntil(seconds(1));
    // The second goes out when the first is answered, at 4 ms; the third waits for a token: two are gone, the next comes at 50 ms.
    expect(written).toEqual([2, 6, 52]);
  });
});

describe('events of the scheduler', () => {
  it('become a series at the second of a kind; its count is written at the end', () => {
    const { server, simulation } = anApiServer();
    const client = server.client({ name: 'scheduler', from: 'control-plane', qps: 0, burst: 0 });
    const recorder = server.seriesEventRecorder(client, { component: 'default-scheduler' });
    const tellAt = (at: number, message: string) => {
      simulation.runUntil(seconds(at));
      recorder.event(POD, 'Warning', 'FailedScheduling', message, 'Scheduling');
      simulation.runUntil(seconds(at) + 1);
    };
    const events = () => [...server.list('Event')];
    tellAt(10, '0/1 nodes are available');
    expect(events()).toMatchObject([
      { eventTime: seconds(10), action: 'Scheduling', message: '0/1 nodes are available' },
    ]);
    expect(events()[0]?.series).toBeUndefined();
    tellAt(20, 'another message');
    tellAt(30, 'a third');
    expect(events()).toMatchObject([
      { message: '0/1 nodes are available', series: { count: 2, lastObservedTime: seconds(20) } },
    ]);
    // Ticks come every 6 min: at 360 s the series was heard of 330 s ago, at 720 s more than 6 min ago.
    simulation.runUntil(seconds(719));
    expect(events()[0]?.series?.count).toBe(2);
    simulation.runUntil(seconds(720));
    expect(events()[0]?.series).toEqual({ count: 3, lastObservedTime: seconds(30) });
    tellAt(800, 'anew');
    expect(events()).toHaveLength(2);
  });
});
