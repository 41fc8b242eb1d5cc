/** Virtual time since the start of the run, or a duration: whole microseconds, exact in a double for 285 years. */
export type Micros = number & { readonly __unit?: 'microseconds' };

/** Whole seconds, as in Kubernetes fields that end in "Seconds". Handing one to a Micros parameter does not compile. */
export type Seconds = number & { readonly __unit?: 'seconds' };

export const MICROS_PER_SECOND = 1_000_000;

export const seconds = (n: Seconds): Micros => Math.round(n * MICROS_PER_SECOND);

export const milliseconds = (n: number): Micros => Math.round(n * 1_000);

/** Fractional seconds, for output. */
export const toSeconds = (at: Micros): number => at / MICROS_PER_SECOND;

/** What metav1.Time keeps of an instant: the whole second (RFC 3339 without a fraction). Works before time zero too. */
export const wholeSecond = (at: Micros): Micros => Math.floor(at / MICROS_PER_SECOND) * MICROS_PER_SECOND;
