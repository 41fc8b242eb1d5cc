import { MemorySink, Recorder, type TimelineSpec } from '../../../engine/index.js';

interface Row {
  readonly node: string;
}

const SPEC: TimelineSpec<Row> = {
  name: 'probes',
  help: 'What every kubelet records',
  columns: { node: { type: 'text', help: 'Name of the node' } },
};

describe('the recorder', () => {
  it('puts the rows of all who open a timeline into one, in order of appending', () => {
    const sink = new MemorySink(() => 7);
    const recorder = new Recorder(sink, ['probes']);
    const [first, second] = [recorder.open(SPEC), recorder.open(SPEC)];
    first?.append({ node: 'node-0' });
    second?.append({ node: 'node-1' });
    first?.append({ node: 'node-0' });
    expect(sink.rows<Row>('probes').map(({ row }) => row.node)).toEqual(['node-0', 'node-1', 'node-0']);
  });

  it('opens nothing that was not asked for', () => {
    expect(new Recorder(new MemorySink(() => 0), ['nodes']).open(SPEC)).toBeUndefined();
  });
});
