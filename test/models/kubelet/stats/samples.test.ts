import { Simulation, seconds } from '../../../../engine/index.js';
import { Samples } from '../../../../models/kubelet/stats/samples.js';

const samples = () => new Samples(new Simulation({ seed: 7 }).stream('looks'), seconds(10), 1);

describe('a loop that waits 10 to 20 s after each look', () => {
  it('has looked first at its first look, and not before', () => {
    expect(samples().lastUpTo(seconds(4), 1, seconds(5))).toBeUndefined();
    expect(samples().lastUpTo(seconds(5), 1, seconds(5))).toBe(seconds(5));
  });

  it('has last looked less than 20 s ago, whoever asks when', () => {
    const often = samples();
    const looks = new Set<number>();
    for (let t = 0; t < 1000; t++) {
      const at = often.lastUpTo(seconds(t), 3, 0) as number;
      expect(seconds(t) - at).toBeLessThan(seconds(20));
      looks.add(at);
    }
    // 10 to 20 s apart: 50 to 100 in 1000 s, most likely about 67.
    expect(looks.size).toBeGreaterThan(55);
    expect(looks.size).toBeLessThan(80);
    expect(samples().lastUpTo(seconds(999), 3, 0)).toBe([...looks].at(-1));
  });
});
