import { codeOnly, type SourceFile, sourceFiles } from './source-files.js';

const places = (files: readonly SourceFile[], banned: RegExp): string[] =>
  files.flatMap(({ path, text }) =>
    codeOnly(text)
      .split('\n')
      .flatMap((line, i) => {
        const found = banned.exec(line);
        return found ? [`${path}:${i + 1}: ${found[0]}`] : [];
      }),
  );

/** Without what stands in strings and regular expressions, which no formatter breaks. */
const shortened = (text: string): string =>
  text.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|\/(?![/*])(?:[^/\\\n]|\\.)+\/[a-z]*/g, '');

describe('engine and models', () => {
  const files = sourceFiles('engine', 'models');

  it('know no wall clock, no unseeded randomness, no host and no waiting', () => {
    const banned =
      /\bnew Date\b|\bDate\.|\bMath\.random\b|\bperformance\.|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bqueueMicrotask\b|\basync\b(?=\s*(?:\(|function\b|\w+\s*=>))|\bawait\b/;
    expect(places(files, banned)).toEqual([]);
  });

  it('never sort or compare by the host locale', () => {
    expect(places(files, /\blocaleCompare\b|\btoLocale\w+\b|\bIntl\.Collator\b/)).toEqual([]);
  });
});

describe('all sources', () => {
  const files = sourceFiles('engine', 'models', 'scenarios', 'reports', 'cli', 'test').filter(
    ({ path }) => !path.includes('/generated/') && path !== 'test/tidy/banned.test.ts',
  );

  it('have no any, no enum, no silenced check', () => {
    expect(places(files, /\bas any\b|: any\b|<any>|\benum\s+\w+\s*\{/)).toEqual([]);
    const silenced = files.filter(({ text }) => /@ts-(ignore|nocheck|expect-error)|biome-ignore/.test(text));
    expect(silenced.map(({ path }) => path)).toEqual([]);
  });

  it('have no left-over notes', () => {
    const notes = files.filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text));
    expect(notes.map(({ path }) => path)).toEqual([]);
  });

  it('skip or single out no test', () => {
    expect(places(files, /\b(it|test|describe)\.(skip|only|todo)\b|\bx(it|describe)\(/)).toEqual([]);
  });

  it('fit: no file over 500 lines, no line over 140 characters but for strings', () => {
    // The table of defaults grows by a line a default and is read by searching.
    const mayBeLong = (path: string): boolean => path.startsWith('test/') || path.startsWith('models/versions/v');
    const long = files.filter(({ path, text }) => !mayBeLong(path) && text.split('\n').length > 501);
    expect(long.map(({ path }) => path)).toEqual([]);
    const wide = files.flatMap(({ path, text }) =>
      shortened(text)
        .split('\n')
        .flatMap((line, i) => (line.length > 140 ? [`${path}:${i + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });
});
