const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const L1 = 6.66666666666673513e-1;
const L2 = 3.999999999940941908e-1;
const L3 = 2.857142874366239149e-1;
const L4 = 2.222219843214978396e-1;
const L5 = 1.818357216161805012e-1;
const L6 = 1.531383769920937332e-1;
const L7 = 1.479819860511658591e-1;

/**
 * Natural logarithm of a whole number above 0, bit for bit as Go computes it. Go's math.Log is FreeBSD's e_log.c: x = 2^k (1+f)
 * with 1+f between √2/2 and √2, and a polynomial for log(1+f). The logarithm of V8 differs in the last bit for some numbers,
 * which is enough to round a score of PodTopologySpread the other way.
 */
export function naturalLogarithm(x: number): number {
  let k = 0;
  let fraction = x;
  // As Frexp: fraction in [0.5, 1).
  while (fraction >= 1) {
    fraction /= 2;
    k++;
  }
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    k--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const t1 = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
  const t2 = s4 * (L2 + s4 * (L4 + s4 * L6));
  const remainder = t1 + t2;
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH - (halfSquare - (s * (halfSquare + remainder) + k * LN2_LOW) - f);
}
