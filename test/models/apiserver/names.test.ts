import { aPod } from '../../helpers/a-pod.js';
import { anApiServer } from '../../helpers/an-api-server.js';

const generated = (seed: number, bases: readonly string[]) => {
  const { registry } = anApiServer({ seed }).server;
  return bases.map((generateName) => {
    const reply = registry.create('Pod', { ...aPod(''), metadata: { generateName, namespace: 'default' } });
    return reply.ok ? reply.object.metadata : undefined;
  });
};

describe('generated names', () => {
  it('are the base and five characters that spell no word', () => {
    for (const metadata of generated(1, ['web-', 'web-', 'db-'])) {
      expect(metadata?.name).toMatch(/^(web|db)-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    }
    const [long] = generated(1, ['x'.repeat(80)]);
    expect(long?.name).toHaveLength(63);
  });

  it('are the same for the same seed, whatever else is created', () => {
    const [first, second] = generated(7, ['web-', 'web-']);
    const [otherFirst, , otherSecond] = generated(7, ['web-', 'db-', 'web-']);
    expect(otherFirst?.name).toBe(first?.name);
    expect(otherSecond?.name).toBe(second?.name);
    expect(otherSecond?.uid).toBe(second?.uid);
    expect(generated(8, ['web-'])[0]?.name).not.toBe(first?.name);
  });
});

describe('uids', () => {
  it('look like random UUIDs and differ for each object that ever had the name', () => {
    const { registry } = anApiServer().server;
    const uids = [1, 2, 3].map(() => {
      const reply = registry.create('Pod', aPod('p'));
      registry.delete('Pod', 'default/p', {});
      return reply.ok ? reply.object.metadata.uid : undefined;
    });
    expect(new Set(uids).size).toBe(3);
    for (const uid of uids) {
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
