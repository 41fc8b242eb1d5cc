/** A place on the network: the control plane, whoever runs kubectl, or a node by name. */
export type Party = 'control-plane' | 'user' | `node/${string}`;

export const nodeParty = (node: string): Party => `node/${node}`;
