/** Why a command line is none of kubectl's; the message is kubectl's own where it has one. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The words of a command line, as a POSIX shell splits and unquotes them. Variables, globs and operators mean nothing here.
 * @throws UsageError at a quote that is not closed.
 */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const char = text[at] as string;
    if (/\s/.test(char)) {
      if (word !== undefined) {
        words.push(word);
      }
      word = undefined;
      at++;
    } else if (char === "'" || char === '"') {
      const end = closingQuote(text, at);
      word = (word ?? '') + unquoted(text.slice(at + 1, end), char);
      at = end + 1;
    } else if (char === '\\' && at + 1 < text.length) {
      word = (word ?? '') + (text[at + 1] === '\n' ? '' : text[at + 1]);
      at += 2;
    } else {
      word = (word ?? '') + char;
      at++;
    }
  }
  return word === undefined ? words : [...words, word];
}

function closingQuote(text: string, from: number): number {
  const quote = text[from];
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') {
      at++;
    } else if (text[at] === quote) {
      return at;
    }
  }
  throw new UsageError(`a ${quote === '"' ? 'double' : 'single'} quote is not closed`);
}

/** Inside double quotes a backslash keeps its meaning before these. */
const unquoted = (text: string, quote: string): string => (quote === '"' ? text.replace(/\\(["\\$`])/g, '$1') : text);
