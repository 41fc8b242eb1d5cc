import { ScenarioError } from '../../../scenarios/schema/errors.js';
import { parseYaml } from '../../../scenarios/sources/yaml.js';

const valueOf = (text: string): unknown => parseYaml(text, 'x.yaml')[0]?.value;
const complaint = (text: string): string => {
  try {
    parseYaml(text, 'x.yaml');
    return 'none';
  } catch (error) {
    return (error as ScenarioError).message;
  }
};

// Values as sigs.k8s.io/yaml 1.6.0 (goyaml.v2 resolve.go) reads them.
describe('scalars', () => {
  it.each([
    ['yes', true],
    ['on', true],
    ['y', true],
    ['N', false],
    ['off', false],
    ['0777', 511],
    ['0o17', 15],
    ['0b11', 3],
    ['0x1F', 31],
    ['1_000', 1000],
    ['-0777', -511],
    ['+12', 12],
    ['0899', 899],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1:30', '1:30'],
    ['2026-01-01', '2026-01-01'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['.inf', '.inf'],
    ['~', null],
    ['', null],
    ['"yes"', 'yes'],
    ['1.2.3', '1.2.3'],
  ])('%s is %j', (text, value) => {
    expect(valueOf(`- ${text}`)).toEqual([value]);
  });

  it('are booleans as keys too, and become text', () => {
    expect(valueOf('y: 1\n2: 3')).toEqual({ true: 1, 2: 3 });
  });
});

describe('documents', () => {
  it('are read one after the other, empty ones left out', () => {
    expect(parseYaml('a: 1\n---\n---\n# nothing\n---\nb: 2\n', 'x').map(({ value }) => value)).toEqual([
      { a: 1 },
      { b: 2 },
    ]);
  });

  it('may be JSON, with tabs', () => {
    expect(valueOf('{\n\t"a": [1,\n\t\t2]\n}')).toEqual({ a: [1, 2] });
  });

  it('know where each part stands', () => {
    const [first, second] = parseYaml('a: 1\nb: [x, {c: yes, d: "q"}]\n---\nz: 3\n', 'x');
    expect(first?.locate(['b', 1, 'd'])).toEqual({ line: 2, column: 20 });
    expect(first?.locate(['b', 1, 'd'], 'key')).toEqual({ line: 2, column: 17 });
    expect(first?.locate(['b', 5])).toEqual({ line: 2, column: 4 });
    expect(second?.locate(['z'])).toEqual({ line: 4, column: 4 });
  });
});

describe('what is refused', () => {
  it.each([
    ['a: [1', 'x.yaml:1:6: unexpected end of the stream within a flow collection (YAML_SYNTAX)'],
    ['a: 1\nb: 2\na: 3', 'x.yaml:3:1: duplicated mapping key (DUPLICATE_KEY)'],
    ['a: *b', 'x.yaml:1:5: unidentified alias "b" (ALIASES)'],
    ['a: &a [*a]', 'x.yaml: an alias contains itself (ALIASES)'],
  ])('%j', (text, message) => {
    expect(complaint(text)).toBe(message);
  });

  it('an alias bomb, before anything walks it', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    expect(complaint(`a0: &a0 [x]\n${levels.join('\n')}\n`)).toMatch(
      /^x\.yaml: aliases expand to \d+ values \(ALIASES\)$/,
    );
  });

  it('but not ordinary anchors and merge keys', () => {
    expect(valueOf('base: &base {a: 1}\nmore: {<<: *base, b: 2}')).toEqual({ base: { a: 1 }, more: { a: 1, b: 2 } });
  });
});
