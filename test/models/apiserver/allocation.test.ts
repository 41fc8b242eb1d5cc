import { seconds } from '../../../engine/index.js';
import { fits, fragments, type Room, type Shape } from '../../../models/apiserver/timelines/allocation-room.js';
import { GpuDevices } from '../../../models/apiserver/timelines/gpu-devices.js';
import { type MemoryRun, startRun } from '../../../scenarios/index.js';

const NONE = { count: 0, milli: 0 };
const shape = (milliCpu: number, gpu: Shape['gpu'] = NONE): Shape => ({ milliCpu, memory: 0, gpu });
const room = (milliCpu: number, ...gpus: readonly number[]): Room => ({ milliCpu, memory: 0, pods: 10, gpus });

describe('fragments of a node: what pods of a shape cannot use of its GPUs', () => {
  it.each<[string, Room, Shape, number]>([
    ['nothing, where every GPU has enough', room(8000, 1000, 500), shape(1000, { count: 1, milli: 500 }), 0],
    ['the GPUs that are too full', room(8000, 1000, 400, 300), shape(1000, { count: 1, milli: 500 }), 700],
    ['everything, where CPU is short', room(500, 1000, 400), shape(1000, { count: 1, milli: 300 }), 1400],
    ['everything, where too few are idle', room(8000, 1000, 900), shape(1000, { count: 2, milli: 1000 }), 1900],
    ['the shares beside enough idle ones', room(8000, 1000, 1000, 900), shape(0, { count: 2, milli: 1000 }), 900],
    ['everything, for pods without a GPU', room(8000, 1000, 400), shape(1000), 1400],
    ['nothing, where there is none left', room(0, 0, 0), shape(1000, { count: 1, milli: 100 }), 0],
  ])('%s', (_, left, asked, expected) => {
    expect(fragments(left, asked)).toBe(expected);
  });

  it('a node without a place for one more pod fits nothing', () => {
    expect(fits({ ...room(8000, 1000), pods: 0 }, shape(1))).toBe(false);
  });
});

describe("a node's GPUs", () => {
  it('a share takes the fullest GPU it fits on, whole ones take idle ones, and all come back', () => {
    const devices = new GpuDevices(3);
    devices.take({ count: 1, milli: 600 });
    devices.take({ count: 1, milli: 500 }); // 400 are left of the first: the second one
    const third = devices.take({ count: 1, milli: 400 }); // fits on the first exactly
    expect(devices.free).toEqual([0, 500, 1000]);
    const whole = devices.take({ count: 1, milli: 1000 });
    expect(devices.free).toEqual([0, 500, 0]);
    devices.giveBack(third);
    devices.giveBack(whole);
    expect(devices.free).toEqual([400, 500, 1000]);
  });

  it('a pod that fits by the sum and on no GPU is cut over the emptiest ones', () => {
    const devices = new GpuDevices(2);
    devices.take({ count: 1, milli: 600 });
    devices.take({ count: 1, milli: 700 });
    const taken = devices.take({ count: 1, milli: 500 }); // 400 + 300 are left
    expect(devices.free).toEqual([0, 200]);
    devices.giveBack(taken);
    expect(devices.free).toEqual([400, 300]);
  });
});

const CLUSTER = `apiVersion: kubewhen/v1
kind: Scenario
metadata: {name: gpus}
spec:
  runFor: 10m
  cluster: {pools: [{name: worker, count: 2, capacity: {cpu: 8, memory: 16Gi, nvidia.com/gpu: 2, alibabacloud.com/gpu-milli: 2000}}]}
  world: {apiCall: 2ms}
  record: [allocation, pods]
  workloads:
  - {kind: Trace, format: openb, pods: pods.csv}
`;

describe('timeline allocation', () => {
  it('follows pods that come, wait, run and end; fragments are weighed by the pods seen so far', () => {
    const header =
      'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n';
    const rows = `two,1000,1024,2,1000,,LS,Running,10,100,10
share,6000,1024,1,400,,LS,Running,20,110,20
wide,7000,1024,2,1000,,LS,Pending,30,90,
`;
    const run: MemoryRun = startRun(CLUSTER, { files: { 'pods.csv': header + rows } });
    const at = (second: number) => {
      run.runUntil(seconds(second));
      const row = run.rows('allocation').at(-1)?.row;
      return (
        row && [
          row.pods_pending,
          row.pods_bound,
          row.nodes_in_use,
          row.cpu_allocated_cores,
          row.gpu_allocated,
          row.gpu_fragmented,
          row.cpu_stranded_cores,
        ]
      );
    };
    expect(at(9)).toBeUndefined();
    // Node A has no GPU left, so its 7 cores are stranded; B has two idle ones, and the only shape seen so far uses both.
    expect(at(19)).toEqual([0, 1, 1, 1, 2, 0, 7]);
    // "share" goes to B, which has 2 cores and GPUs [600, 1000] left: for "two" 1,600 are fragments, for "share" (6 cores) all 1,600 too.
    // Neither fits on A or B: 7 + 2 cores are stranded.
    expect(at(29)).toEqual([0, 2, 2, 7, 2.4, 1.6, 9]);
    expect(at(39)).toEqual([1, 2, 2, 7, 2.4, 1.6, 9]);
    // "two" ends at some 101 s, "wide" follows it on A, which keeps 1 core; "share" ends on B at some 111 s, then nothing is stranded
    // there: B fits any shape. "wide" leaves A without GPUs.
    expect(at(130)).toEqual([0, 1, 1, 7, 2, 0, 1]);
    expect(run.rows('allocation').at(-1)?.row).toMatchObject({
      nodes: 2,
      cpu_allocatable_cores: 16,
      gpu_allocatable: 4,
      memory_allocated_bytes: 1024 ** 3,
    });
  });
});
