/** Feature gates that decide what objects may say. */
export interface ValidationGates {
  readonly ContainerRestartRules: boolean;
  readonly ElasticIndexedJob: boolean;
  readonly EnvFiles: boolean;
  readonly HPAScaleToZero: boolean;
  readonly PreferSameTrafficDistribution: boolean;
  readonly RelaxedDNSSearchValidation: boolean;
  readonly RelaxedEnvironmentVariableValidation: boolean;
  readonly RelaxedServiceNameValidation: boolean;
  readonly RestartAllContainersOnContainerExits: boolean;
  /** Not a gate: TZ= within the schedule of a CronJob. */
  readonly cronSchedulesRefuseTimeZones: boolean;
  /** Not a gate: Jobs label their pods with the prefix batch.kubernetes.io too. */
  readonly jobLabelsHavePrefix: boolean;
  /** Not a gate: names and Services of StatefulSets must be DNS labels, and their pod templates are looked at. */
  readonly statefulSetsAreValidatedStrictly: boolean;
}
