declare module 'jstat' {
  const jStat: {
    readonly studentt: {
      /** Quantile of Student's t with this many degrees of freedom. */
      inv(p: number, degreesOfFreedom: number): number;
    };
  };
  export default jStat;
}
