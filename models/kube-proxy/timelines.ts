import type { TimelineSpec } from '../../engine/index.js';

export interface RoutingRow {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly nodes: number;
  readonly endpoints: number;
  readonly failing_share: number;
  readonly timeout_share: number;
  readonly worst_node: string;
  readonly worst_share: number;
  readonly failing: string;
}

export const ROUTING: TimelineSpec<RoutingRow> = {
  name: 'routing',
  help: 'What clients in the cluster find: the share of their connections to a Service that fails, whenever that changes',
  columns: {
    namespace: { type: 'text', help: 'Namespace of the Service' },
    service: { type: 'text', help: 'Name of the Service' },
    port: { type: 'integer', help: 'Port of the Service' },
    nodes: {
      type: 'integer',
      help: 'Nodes that are up and whose kube-proxy has rules for the Service: the clients are spread over them',
    },
    endpoints: { type: 'integer', help: 'Endpoints that some of these nodes send connections to' },
    failing_share: { type: 'number', help: 'Share of new connections that fail, 0 to 1, over all these nodes' },
    timeout_share: {
      type: 'number',
      help: 'Share that fails by a time-out; the rest of what fails is refused at once',
    },
    worst_node: { type: 'text', help: 'Node from which most fail; the first by name' },
    worst_share: { type: 'number', help: 'Share that fails from there' },
    failing: {
      type: 'text',
      help: 'Pods behind endpoints that some node still sends connections to and that do not answer',
    },
  },
};
