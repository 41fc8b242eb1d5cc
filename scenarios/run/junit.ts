import { toSeconds } from '../../engine/index.js';
import type { ActionLine } from './action-log.js';
import type { Verdict } from './expectations.js';
import type { RunResult } from './run.js';

/** The expectations, and the actions that failed, as a JUnit test report for CI systems. */
export function renderJunit(result: RunResult): string {
  const { name, expectations } = result;
  const errors = result.actions.filter(({ failed, isExpected }) => failed && !isExpected);
  const failures = expectations.filter(({ ok }) => !ok).length;
  const seconds = toSeconds(result.ranUntil);
  const tests = expectations.length + errors.length;
  const suite = `name="${escape(name)}" tests="${tests}" failures="${failures}" errors="${errors.length}" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${suite}>`,
    ...expectations.map((verdict) => renderCase(name, verdict)),
    ...errors.map((line) => renderError(name, line)),
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

function renderError(suite: string, { at, line, where }: ActionLine): string {
  const seconds = toSeconds(at);
  return (
    `    <testcase classname="${escape(suite)}" name="${escape(where ?? 'run')}" time="${seconds}">\n` +
    `      <error message="${escape(line)}">${escape(`at ${seconds} s: ${line}`)}</error>\n    </testcase>`
  );
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
