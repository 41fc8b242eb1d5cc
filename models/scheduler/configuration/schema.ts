/** Fields of KubeSchedulerConfiguration and what it holds, "NAME TYPE; …", as in k8s.io/kube-scheduler config/v1/types.go. */
export const STRUCTS: Readonly<Record<string, { readonly goType: string; readonly fields: string }>> = {
  KubeSchedulerConfiguration: {
    goType: 'v1.KubeSchedulerConfiguration',
    fields:
      'apiVersion string; kind string; parallelism int32; leaderElection LeaderElectionConfiguration; ' +
      'clientConnection ClientConnectionConfiguration; enableProfiling bool; enableContentionProfiling bool; ' +
      'percentageOfNodesToScore int32; podInitialBackoffSeconds int64; podMaxBackoffSeconds int64; ' +
      'profiles []KubeSchedulerProfile; extenders []Extender; delayCacheUntilActive bool',
  },
  LeaderElectionConfiguration: {
    goType: 'v1alpha1.LeaderElectionConfiguration',
    fields:
      'leaderElect bool; leaseDuration duration; renewDeadline duration; retryPeriod duration; resourceLock string; ' +
      'resourceName string; resourceNamespace string',
  },
  ClientConnectionConfiguration: {
    goType: 'v1alpha1.ClientConnectionConfiguration',
    fields: 'kubeconfig string; acceptContentTypes string; contentType string; qps float32; burst int32',
  },
  KubeSchedulerProfile: {
    goType: 'v1.KubeSchedulerProfile',
    fields: 'schedulerName string; percentageOfNodesToScore int32; plugins Plugins; pluginConfig []PluginConfig',
  },
  Plugins: {
    goType: 'v1.Plugins',
    fields:
      'preEnqueue PluginSet; queueSort PluginSet; preFilter PluginSet; filter PluginSet; postFilter PluginSet; ' +
      'preScore PluginSet; score PluginSet; reserve PluginSet; permit PluginSet; preBind PluginSet; bind PluginSet; ' +
      'postBind PluginSet; multiPoint PluginSet; placementGenerate PluginSet; placementScore PluginSet; ' +
      'podGroupPostFilter PluginSet',
  },
  PluginSet: { goType: 'v1.PluginSet', fields: 'enabled []Plugin; disabled []Plugin' },
  Plugin: { goType: 'v1.Plugin', fields: 'name string; weight int32' },
  PluginConfig: { goType: 'v1.PluginConfig', fields: 'name string; args any' },
  Extender: {
    goType: 'v1.Extender',
    fields:
      'urlPrefix string; filterVerb string; preemptVerb string; prioritizeVerb string; weight int64; bindVerb string; ' +
      'enableHTTPS bool; tlsConfig ExtenderTLSConfig; httpTimeout duration; nodeCacheCapable bool; ' +
      'managedResources []ExtenderManagedResource; ignorable bool',
  },
  ExtenderTLSConfig: {
    goType: 'v1.ExtenderTLSConfig',
    fields:
      'insecure bool; serverName string; certFile string; keyFile string; caFile string; certData string; ' +
      'keyData string; caData string',
  },
  ExtenderManagedResource: { goType: 'v1.ExtenderManagedResource', fields: 'name string; ignoredByScheduler bool' },

  DefaultPreemptionArgs: {
    goType: 'v1.DefaultPreemptionArgs',
    fields: 'apiVersion string; kind string; minCandidateNodesPercentage int32; minCandidateNodesAbsolute int32',
  },
  DynamicResourcesArgs: {
    goType: 'v1.DynamicResourcesArgs',
    fields: 'apiVersion string; kind string; filterTimeout duration; bindingTimeout duration',
  },
  InterPodAffinityArgs: {
    goType: 'v1.InterPodAffinityArgs',
    fields: 'apiVersion string; kind string; hardPodAffinityWeight int32; ignorePreferredTermsOfExistingPods bool',
  },
  NodeAffinityArgs: {
    goType: 'v1.NodeAffinityArgs',
    fields: 'apiVersion string; kind string; addedAffinity NodeAffinity',
  },
  NodeResourcesBalancedAllocationArgs: {
    goType: 'v1.NodeResourcesBalancedAllocationArgs',
    fields: 'apiVersion string; kind string; resources []ResourceSpec',
  },
  NodeResourcesFitArgs: {
    goType: 'v1.NodeResourcesFitArgs',
    fields:
      'apiVersion string; kind string; ignoredResources []string; ignoredResourceGroups []string; ' +
      'scoringStrategy ScoringStrategy',
  },
  PodTopologySpreadArgs: {
    goType: 'v1.PodTopologySpreadArgs',
    fields: 'apiVersion string; kind string; defaultConstraints []TopologySpreadConstraint; defaultingType string',
  },
  VolumeBindingArgs: {
    goType: 'v1.VolumeBindingArgs',
    fields: 'apiVersion string; kind string; bindTimeoutSeconds int64; shape []UtilizationShapePoint',
  },
  ScoringStrategy: {
    goType: 'v1.ScoringStrategy',
    fields: 'type string; resources []ResourceSpec; requestedToCapacityRatio RequestedToCapacityRatioParam',
  },
  RequestedToCapacityRatioParam: {
    goType: 'v1.RequestedToCapacityRatioParam',
    fields: 'shape []UtilizationShapePoint',
  },
  UtilizationShapePoint: { goType: 'v1.UtilizationShapePoint', fields: 'utilization int32; score int32' },
  ResourceSpec: { goType: 'v1.ResourceSpec', fields: 'name string; weight int64' },

  TopologySpreadConstraint: {
    goType: 'v1.TopologySpreadConstraint',
    fields:
      'maxSkew int32; topologyKey string; whenUnsatisfiable string; labelSelector LabelSelector; minDomains int32; ' +
      'nodeAffinityPolicy string; nodeTaintsPolicy string; matchLabelKeys []string',
  },
  LabelSelector: {
    goType: 'v1.LabelSelector',
    fields: 'matchLabels any; matchExpressions []LabelSelectorRequirement',
  },
  LabelSelectorRequirement: {
    goType: 'v1.LabelSelectorRequirement',
    fields: 'key string; operator string; values []string',
  },
  NodeAffinity: {
    goType: 'v1.NodeAffinity',
    fields:
      'requiredDuringSchedulingIgnoredDuringExecution NodeSelector; ' +
      'preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm',
  },
  NodeSelector: { goType: 'v1.NodeSelector', fields: 'nodeSelectorTerms []NodeSelectorTerm' },
  NodeSelectorTerm: {
    goType: 'v1.NodeSelectorTerm',
    fields: 'matchExpressions []NodeSelectorRequirement; matchFields []NodeSelectorRequirement',
  },
  NodeSelectorRequirement: {
    goType: 'v1.NodeSelectorRequirement',
    fields: 'key string; operator string; values []string',
  },
  PreferredSchedulingTerm: {
    goType: 'v1.PreferredSchedulingTerm',
    fields: 'weight int32; preference NodeSelectorTerm',
  },
};
