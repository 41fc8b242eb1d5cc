import { milliseconds, seconds, toSeconds } from '../../../engine/index.js';
import { type Component, LeaderElection } from '../../../models/client-go/index.js';
import { defaultsFor } from '../../../models/versions/index.js';
import { type AnApiServer, type AnApiServerOptions, anApiServer } from '../../helpers/an-api-server.js';

interface Candidate {
  readonly election: LeaderElection;
  /** Virtual times, in seconds, at which the process began and ceased to work. */
  readonly log: readonly string[];
}

function aCandidate({ simulation, server }: AnApiServer, host: string, kubernetesVersion = '1.37'): Candidate {
  const log: string[] = [];
  const note = (what: string) => () => log.push(`${what} ${toSeconds(simulation.now)}`);
  const led: Component = { name: 'kube-scheduler', start: note('start'), stop: note('stop') };
  const settings = defaultsFor(kubernetesVersion)?.clients.leaderElection;
  if (settings === undefined) {
    throw new Error(kubernetesVersion);
  }
  const options = { simulation, api: server, settings, lease: 'kube-scheduler', host, led };
  return { election: new LeaderElection({ ...options, restartAfter: seconds(1) }), log };
}

const LATENCY: AnApiServerOptions = { apiCall: milliseconds(4), watchDelivery: milliseconds(3) };

describe('leader election', () => {
  it('lets a lone candidate work after it has read and created its Lease', () => {
    const control = anApiServer(LATENCY);
    const { election, log } = aCandidate(control, 'cp-1');
    election.start();
    control.simulation.runUntil(seconds(1));
    // GET finds nothing, POST creates: two round trips of 4 ms.
    expect(log).toEqual(['start 0.008']);
  });

  it('costs no event while the leader is healthy, and reads show every renewal', () => {
    const control = anApiServer(LATENCY);
    const { election } = aCandidate(control, 'cp-1');
    election.start();
    control.simulation.runUntil(seconds(1));
    const events = control.simulation.eventCount;
    control.simulation.runUntil(seconds(3600));
    expect(control.simulation.eventCount).toBe(events);
    // Renewed first at 2.008 s, then each 2.004 s; 1795 periods later: 2.008 + 1795 × 2.004 = 3599.188 s.
    expect(control.server.get('Lease', 'kube-system/kube-scheduler')?.spec.renewTime).toBe(milliseconds(3_599_188));
  });

  it.each(['1.37', '1.23'])('renews at the same instants whether renewals are computed or written (%s)', (version) => {
    const renewTimes = [['leases'], []].map((record) => {
      const control = anApiServer({ ...LATENCY, record, kubernetesVersion: version });
      aCandidate(control, 'cp-1', version).election.start();
      return [5, 60, 300, 301.5].map((at) => {
        control.simulation.runUntil(seconds(at));
        return control.server.get('Lease', 'kube-system/kube-scheduler')?.spec.renewTime;
      });
    });
    expect(renewTimes[0]).toEqual(renewTimes[1]);
  });

  it('hands over between 15 s and 20 s after the leader died', () => {
    const control = anApiServer(LATENCY);
    const [first, second] = [aCandidate(control, 'cp-1'), aCandidate(control, 'cp-2')];
    first.election.start();
    control.simulation.runUntil(seconds(1));
    second.election.start();
    control.simulation.runUntil(seconds(100));
    first.election.stop();
    control.simulation.runUntil(seconds(130));
    expect(first.log).toEqual(['start 0.008', 'stop 100']);
    // The last renewal is at most 2.004 s old, seen up to 4.4 s after it, then 15 s must pass and one more try of 2 to 4.4 s.
    const tookOver = Number(second.log[0]?.split(' ')[1]);
    expect(tookOver).toBeGreaterThan(100 + 15 - 2.1);
    expect(tookOver).toBeLessThan(100 + 15 + 4.4 + 4.5);
    expect(control.server.get('Lease', 'kube-system/kube-scheduler')?.spec.leaseTransitions).toBe(1);
  });

  it('keeps a process that comes back waiting for its own old Lease', () => {
    const control = anApiServer(LATENCY);
    const { election, log } = aCandidate(control, 'cp-1');
    election.start();
    control.simulation.runUntil(seconds(100));
    election.stop();
    control.simulation.runUntil(seconds(101));
    election.start();
    control.simulation.runUntil(seconds(130));
    const restarted = Number(log[2]?.split(' ')[1]);
    expect(restarted).toBeGreaterThan(101 + 15);
    expect(restarted).toBeLessThan(101 + 15 + 4.5);
  });
});
