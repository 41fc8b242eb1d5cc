import type { ApiClient, Component, InformerFactory, ControllerContext, Informer } from '../client-go/index.js';
import { conditionOf, keyOf, type Node, type Pod } from '../api/index.js';
export class ScratchScheduler implements Component {
  name = 's'; n = 0; client: ApiClient; nodes: Informer<Node>;
  constructor(ctx: ControllerContext, public f: InformerFactory = ctx.informers) {
    this.client = ctx.api.client({ name: 's', from: 'control-plane', qps: 50, burst: 100 });
    this.nodes = ctx.informers.informer('Node');
    const see = (p: Pod) => { if (!p.spec.nodeName) ctx.simulation.after(1000, () => this.go(p, ctx)); };
    ctx.informers.informer('Pod').onChange({ added: see, modified: () => {}, deleted: () => {} });
  }
  go(p: Pod, ctx: ControllerContext) {
    const ok = [...this.nodes.list()].filter((n) => conditionOf(n.status?.conditions, 'Ready')?.status === 'True' && !n.spec.taints?.length);
    if (!ok.length) { ctx.simulation.after(1e6, () => this.go(p, ctx)); return; }
    this.client.bind(keyOf(p), p.metadata.uid!, ok[this.n++ % ok.length]!.metadata.name, () => {});
  }
  start() {} stop() {}
}
