import { MemorySink, toSeconds } from '../../../engine/index.js';
import { renderJunit } from '../../../scenarios/run/junit.js';
import { Run } from '../../../scenarios/run/run.js';
import { apiOnlyModel } from '../../helpers/api-only-model.js';
import { aScenario, load } from '../../helpers/scenario-text.js';

/** The Deployment has 3 replicas from 0 s, 6 from 5 min (the write is at 300.002 s), and is gone from 10 min. */
function verdict(expectation: string): string {
  const spec = `  actions:
  - {at: 5m, scale: deployment/cart, replicas: 6}
  - {at: 10m, delete: deployment/cart}
  expect:
  - ${expectation}
`;
  const run = new Run(load({ 's.yaml': aScenario(spec) }), {
    model: apiOnlyModel(),
    sink: (now) => new MemorySink(now),
  });
  const [found] = run.finish().expectations;
  return `${found?.ok} at ${toSeconds(found?.at as number)}${found?.reason ? `: ${found.reason}` : ''}`;
}

const SIX = "deployments['default/cart'].spec.replicas == 6";

describe('expectations', () => {
  it('at an instant', () => {
    expect(verdict(`{at: 6m, that: "${SIX}"}`)).toBe('true at 360');
    expect(verdict(`{at: 4m, that: "${SIX}"}`)).toBe('false at 240: it is false');
  });

  it('within a time', () => {
    expect(verdict(`{within: 2m, after: 4m, that: "${SIX}"}`)).toBe('true at 300.006');
    expect(verdict(`{within: 1m, after: 2m, that: "${SIX}"}`)).toBe(
      'false at 180: it did not become true from 120 s on: it is false',
    );
  });

  it('eventually', () => {
    expect(verdict(`{eventually: true, that: "${SIX}"}`)).toBe('true at 300.006');
    expect(verdict(`{eventually: true, that: "size(deployments) > 1"}`)).toMatch(
      /^false at 1800: it did not become true/,
    );
  });

  it('always: the first time it breaks', () => {
    expect(
      verdict(`{always: true, after: 1m, until: 9m, that: "deployments['default/cart'].spec.replicas >= 3"}`),
    ).toBe('true at 540');
    expect(verdict(`{always: true, after: 6m, that: "${SIX}"}`)).toBe(
      'false at 600.002: No such key: default/cart (at letter 1)',
    );
  });

  it('over all objects of a kind', () => {
    expect(
      verdict(`{at: 1m, that: "nodes.all(n, nodes[n].metadata.name.startsWith('worker-')) && size(nodes) == 3"}`),
    ).toBe('true at 60');
  });

  it('with times as timestamps', () => {
    const condition = "deployments['default/cart'].metadata.creationTimestamp == timestamp('2026-01-01T00:00:00Z')";
    expect(verdict(`{at: 1m, that: "${condition}"}`)).toBe('true at 60');
  });

  it('with fields that may be missing', () => {
    expect(verdict(`{at: 1m, that: "deployments['default/cart'].?status.?availableReplicas.orValue(0) == 0"}`)).toBe(
      'true at 60',
    );
    expect(verdict(`{at: 1m, that: "deployments['default/cart'].status.availableReplicas == 0"}`)).toMatch(
      /^false at 60: No such key/,
    );
  });

  it('that count from after the end of the run', () => {
    expect(verdict(`{at: 2h, that: "${SIX}"}`)).toBe('false at 1800: the run ended at 1800 s, before this counts');
  });
});

it('a JUnit report tells what broke, when and which objects', () => {
  const spec = `  expect:\n  - {name: "six <&>", at: 4m, that: "${SIX}"}\n  - {at: 1m, that: "size(nodes) == 3"}\n`;
  const run = new Run(load({ 's.yaml': aScenario(spec) }), {
    model: apiOnlyModel(),
    sink: (now) => new MemorySink(now),
  });
  const text = `at 240 s: it is false&#10;${SIX}&#10;Deployment default/cart`;
  expect(renderJunit(run.finish())).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="shop" tests="2" failures="1" errors="0" time="1800">
    <testcase classname="shop" name="six &lt;&amp;&gt;" time="240">
      <failure message="it is false">${text}</failure>
    </testcase>
    <testcase classname="shop" name="size(nodes) == 3" time="60"/>
  </testsuite>
</testsuites>
`);
});
