import { toSeconds } from '../../engine/index.js';
import type { Verdict } from './expectations.js';
import type { RunResult } from './run.js';

/** The expectations as a JUnit test report, for CI systems. */
export function renderJunit(result: RunResult): string {
  const { name, expectations } = result;
  const failures = expectations.filter(({ ok }) => !ok).length;
  const seconds = toSeconds(result.ranUntil);
  const suite = `name="${escape(name)}" tests="${expectations.length}" failures="${failures}" errors="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${suite}>`,
    ...expectations.map((verdict) => renderCase(name, verdict)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function renderCase(suite: string, { name, that, ok, at, reason, objects }: Verdict): string {
  const head = `    <testcase classname="${escape(suite)}" name="${escape(name)}" time="${at === undefined ? 0 : toSeconds(at)}"`;
  if (ok) {
    return `${head}/>`;
  }
  const text = [`at ${at === undefined ? '?' : toSeconds(at)} s: ${reason}`, that, ...(objects ?? [])].join('\n');
  return `${head}>\n      <failure message="${escape(reason ?? '')}">${escape(text)}</failure>\n    </testcase>`;
}

/** XML 1.0 has no place for most control characters, even escaped. */
const escape = (text: string): string =>
  [...text]
    .map((letter) => {
      const code = letter.codePointAt(0) as number;
      return code < 32 && letter !== '\n' && letter !== '\t' ? '\uFFFD' : (ENTITIES[letter] ?? letter);
    })
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};
