import { matchesNodeSelector, matchesRequiredNodeAffinity } from '../../../models/api/node-selector.js';
import {
  matchesAll,
  matchesFields,
  matchesLabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from '../../../models/api/selector.js';

const matches = (selector: string, labels: Record<string, string>): boolean =>
  matchesAll(parseLabelSelector(selector), labels);

describe('a label selector written as text', () => {
  it.each([
    ['', {}, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'db' }, false],
    ['app != web', {}, true],
    ['app in (web, db),tier', { app: 'db', tier: 'x' }, true],
    ['app notin (web,db)', { app: 'db' }, false],
    ['app notin (web,db)', {}, true],
    ['!canary', { canary: '' }, false],
    ['canary', { canary: '' }, true],
    ['canary=', { canary: '' }, true],
    ['canary=,app', { canary: '', app: 'web' }, true],
    ['app in (,web)', { app: '' }, true],
    ['size>3', { size: '10' }, true],
    ['size<3', { size: '10' }, false],
    ['size>3', { size: 'big' }, false],
  ])('%s on %j is %s', (selector, labels, expected) => {
    expect(matches(selector, labels as Record<string, string>)).toBe(expected);
  });

  it.each([
    ['app in web', "found 'web', expected: '('"],
    ['app web', "found 'web', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['size>big', 'must be an integer'],
  ])('%s is refused', (selector, problem) => {
    expect(() => parseLabelSelector(selector)).toThrow(problem);
  });
});

describe('a label selector of an object', () => {
  it('matches nothing when absent and everything when empty', () => {
    expect(matchesLabelSelector(undefined, { a: 'b' })).toBe(false);
    expect(matchesLabelSelector({}, undefined)).toBe(true);
  });

  it('wants matchLabels and matchExpressions together', () => {
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'canary', operator: 'DoesNotExist' }] };
    expect(matchesLabelSelector(selector, { app: 'web' })).toBe(true);
    expect(matchesLabelSelector(selector, { app: 'web', canary: 'yes' })).toBe(false);
  });
});

describe('a field selector', () => {
  const fields: Record<string, string> = { 'spec.nodeName': 'node-1', 'status.phase': 'Running' };
  it.each([
    ['spec.nodeName=node-1,status.phase!=Failed', true],
    ['spec.nodeName=node-1,status.phase!=Running', false],
    ['spec.nodeName==', false],
    ['metadata.name=', true],
    ['metadata.name=a\\,b', false],
  ])('%s is %s', (selector, expected) => {
    expect(matchesFields(parseFieldSelector(selector), (key) => fields[key] ?? '')).toBe(expected);
  });

  it('is refused without an operator', () => {
    expect(() => parseFieldSelector('spec.nodeName')).toThrow("can't understand 'spec.nodeName'");
  });
});

describe('a node selector', () => {
  const node = { metadata: { name: 'node-1', labels: { zone: 'a', cores: '8' } } };

  it('fits when one of its terms fits, and never by an empty term', () => {
    const zoneB = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] };
    const manyCores = { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] };
    expect(matchesNodeSelector({ nodeSelectorTerms: [zoneB, manyCores] }, node)).toBe(true);
    expect(matchesNodeSelector({ nodeSelectorTerms: [zoneB, {}] }, node)).toBe(false);
    expect(matchesNodeSelector({ nodeSelectorTerms: [] }, node)).toBe(false);
  });

  it('finds a node by its name', () => {
    const named = (operator: string, name: string) => ({
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator, values: [name] }] }],
    });
    expect(matchesNodeSelector(named('In', 'node-1'), node)).toBe(true);
    expect(matchesNodeSelector(named('NotIn', 'node-1'), node)).toBe(false);
    expect(matchesNodeSelector(named('NotIn', 'node-2'), node)).toBe(true);
  });

  it('must agree with nodeSelector too', () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
        },
      },
    };
    expect(matchesRequiredNodeAffinity({ containers: [], affinity, nodeSelector: { zone: 'a' } }, node)).toBe(true);
    expect(matchesRequiredNodeAffinity({ containers: [], affinity, nodeSelector: { zone: 'b' } }, node)).toBe(false);
  });
});
