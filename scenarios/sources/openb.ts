import type { NodeColumnsText, PodColumnsText } from '../schema/trace.js';
import type { CsvForm, Derived, WrongCell } from './trace-csv.js';

/** GPUs in thousandths: what shares of a GPU are told in. As Alibaba's clusters and the simulator of FGD name it. */
const GPU_MILLI = 'alibabacloud.com/gpu-milli';
const GPU = 'nvidia.com/gpu';
/** Label of a node: the model of its GPUs. */
const GPU_MODEL_LABEL = 'alibabacloud.com/gpu-card-model';

/**
 * openb_pod_list_*.csv of Alibaba's cluster-trace-gpu-v2023 (Weng et al., USENIX ATC 2023): gpu_milli of each of num_gpu GPUs;
 * `gpu_spec` names the models that fit, "V100M16|V100M32".
 */
export const OPENB_PODS: CsvForm<PodColumnsText> = {
  columns: {
    name: 'name',
    arrival: 'creation_time',
    start: 'scheduled_time',
    end: 'deletion_time',
    requests: { cpu: { column: 'cpu_milli', unit: 'm' }, memory: { column: 'memory_mib', unit: 'Mi' } },
    labels: { qos: 'qos' },
  },
  derived: { columns: ['num_gpu', 'gpu_milli', 'gpu_spec'], read: readGpus },
};

/** openb_node_list_*.csv. */
export const OPENB_NODES: CsvForm<NodeColumnsText> = {
  columns: {
    name: 'sn',
    capacity: {
      cpu: { column: 'cpu_milli', unit: 'm' },
      memory: { column: 'memory_mib', unit: 'Mi' },
      [GPU]: 'gpu',
      [GPU_MILLI]: { column: 'gpu', unit: 'k' },
    },
    labels: { [GPU_MODEL_LABEL]: 'model' },
    pool: 'model',
  },
};

/** A pod that shares a GPU has no nvidia.com/gpu: only whole ones are counted there. Thousandths are counted for all. */
function readGpus([countText = '', milliText = '', models = '']: readonly string[]): Derived | WrongCell {
  const [count, milli] = [Number(countText || '0'), Number(milliText || '0')];
  if (!(Number.isInteger(count) && count >= 0)) {
    return wrong(0, countText, 'Expected a whole number of GPUs');
  }
  if (!(Number.isInteger(milli) && milli >= 0 && milli <= 1000)) {
    return wrong(1, milliText, 'Expected thousandths of a GPU, 0 to 1000');
  }
  if (count > 1 && milli !== 1000) {
    return wrong(1, milliText, 'Expected 1000: only one GPU a pod can be shared');
  }
  return {
    requests: {
      ...(count * milli > 0 && { [GPU_MILLI]: String(count * milli) }),
      ...(count > 0 && milli === 1000 && { [GPU]: String(count) }),
    },
    ...(models !== '' && { nodeLabel: { key: GPU_MODEL_LABEL, values: models.split('|') } }),
  };
}

const wrong = (cell: 0 | 1, found: string, hint: string): WrongCell => ({
  wrong: cell,
  code: 'BAD_QUANTITY',
  message: `${JSON.stringify(found)} does not fit`,
  hint,
});
