import { followStates, makeGantt, type StateHistory } from '../../../reports/pages/gantt.js';
import { keepMost } from '../../../reports/pages/most.js';

const aHistory = (name: string, changes: number, group = ''): StateHistory => ({
  name,
  group,
  changes: Array.from({ length: changes }, (_, i) => ({ at: i * 1e6, state: 'Ready', note: '' })),
});

const draw = (histories: readonly StateHistory[]) =>
  makeGantt({
    title: 'Pods',
    help: 'Help.',
    what: 'pods',
    states: [{ name: 'Ready', colour: '#009e73' }],
    histories,
    end: 100e6,
    marks: [],
  });

describe('a Gantt chart', () => {
  it('shows the 300 rows with the most changes, in their order, and says how many are left out', () => {
    const dull = Array.from({ length: 200 }, (_, i) => aHistory(`dull-${i}`, 1));
    const busy = Array.from({ length: 200 }, (_, i) => aHistory(`busy-${i}`, 2));
    const { rows, help } = draw([...dull, ...busy]);
    expect(rows).toHaveLength(300);
    expect([rows[0]?.name, rows[99]?.name, rows[100]?.name]).toEqual(['dull-0', 'dull-99', 'busy-0']);
    expect(help).toBe('Help. Shown are the 300 pods with the most changes; 100 more are left out.');
  });

  it('leaves out rows that change too often to be drawn at all', () => {
    const { rows } = draw([aHistory('calm', 1), aHistory('wild', 20_001)]);
    expect(rows.map(({ name }) => name)).toEqual(['calm']);
  });

  it('puts rows under the names of their groups, in order of name', () => {
    const { rows } = draw([aHistory('b1', 1, 'b'), aHistory('a1', 1, 'a'), aHistory('b2', 1, 'b')]);
    expect(rows.map(({ name, isHeading }) => (isHeading ? `# ${name}` : name))).toEqual([
      '# a',
      'a1',
      '# b',
      'b1',
      'b2',
    ]);
  });

  it('leaves out what was over before the run began', () => {
    const changes = [
      { at: -20e6, state: 'Ready', note: 'first' },
      { at: -10e6, state: 'Ready', note: 'second' },
    ];
    expect(draw([{ name: 'old', group: '', changes }]).spans).toEqual([
      { row: 0, state: 0, from: -10, to: 100, note: 'second' },
    ]);
  });
});

describe('following states', () => {
  it('looks once after all that happened at an instant, and drops what changed nothing', () => {
    let state = 'none';
    const set = (at: number, next: string) => ({
      at,
      apply: () => {
        state = next;
      },
    });
    const changes = followStates([set(5, 'c'), set(1, 'a'), set(3, 'x'), set(3, 'b'), set(4, 'b')], () => ({
      state,
      note: '',
    }));
    expect(changes.map(({ at, state: found }) => [at, found])).toEqual([
      [1, 'a'],
      [3, 'b'],
      [5, 'c'],
    ]);
  });
});

it('of equally eventful things the first are kept', () => {
  const { kept, note } = keepMost(['a', 'bb', 'c', 'dd', 'e'], 3, ({ length }) => length, 'words');
  expect(kept).toEqual(['a', 'bb', 'dd']);
  expect(note).toBe(' Shown are the 3 words with the most changes; 2 more are left out.');
});
