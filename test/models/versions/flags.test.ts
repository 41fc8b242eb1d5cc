import { flagsWith, parseFlag, withFlags } from '../../../models/versions/index.js';

const section = {
  nodeMonitorPeriod: '5s',
  nodeEvictionRate: 0.1,
  largeClusterSizeThreshold: 50,
  enableTaintManager: true,
};
const rows = [
  { name: 'node-monitor-period', type: 'duration', field: 'nodeMonitorPeriod', help: 'Pause.' },
  { name: 'node-eviction-rate', type: 'number', field: 'nodeEvictionRate', help: 'Rate.' },
] as const;

describe('flags', () => {
  it('come with the default of the section they replace a field of', () => {
    expect(flagsWith(section, rows).map((flag) => flag.default)).toEqual(['5s', 0.1]);
  });

  it('replace the fields that were given and pass over flags of others', () => {
    const given = { 'node-monitor-period': '1m0s', 'leader-elect': 'false' };
    expect(withFlags(section, rows, given)).toEqual({ ...section, nodeMonitorPeriod: '1m0s' });
  });

  it.each([
    ['duration', '90s', '90s'],
    ['number', '1e-1', 0.1],
    ['integer', '-3', -3],
    ['boolean', 'T', true],
    ['boolean', 'false', false],
  ] as const)('read a %s as pflag does: %s', (type, text, value) => {
    expect(parseFlag({ name: 'x', type }, text)).toBe(value);
  });

  it.each([
    ['duration', '90'],
    ['duration', '1d'],
    ['number', 'ten'],
    ['number', ''],
    ['integer', '1.5'],
    ['boolean', 'yes'],
  ] as const)('refuse as a %s what pflag refuses: "%s"', (type, text) => {
    expect(() => parseFlag({ name: 'some-flag', type }, text)).toThrow(/"--some-flag"/);
  });
});
