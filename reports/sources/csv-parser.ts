import { ResultsError } from './results-error.js';

/** Told of each record: its fields, and the line it begins at. */
export type OnRecord = (fields: readonly string[], line: number) => void;

const LINE_BREAK = '\n';
const QUOTE = '"';

/**
 * Reads CSV as RFC 4180 has it, piece by piece: fields between commas, quoted where they hold commas, quotes (doubled) or line
 * breaks; records end with LF or CRLF. Blanks belong to their field. A text whose last line does not end is refused: it was cut off.
 */
export class CsvParser {
  readonly #file: string;
  readonly #onRecord: OnRecord;
  #rest = '';
  /** Line that #rest begins at. */
  #line = 1;
  /** Place of the next quote in the text that is being read, so that lines without one are not searched again and again. */
  #quote = 0;

  constructor(file: string, onRecord: OnRecord) {
    this.#file = file;
    this.#onRecord = onRecord;
  }

  push(text: string): void {
    const whole = this.#rest + text;
    this.#quote = -1;
    let start = 0;
    for (let next = this.#readRecord(whole, start); next !== undefined; next = this.#readRecord(whole, start)) {
      start = next;
    }
    this.#rest = whole.slice(start);
  }

  /** The text is over. @throws ResultsError when it ends within a record. */
  end(): void {
    if (this.#rest === '') {
      return;
    }
    const isQuoted = (this.#rest.split(QUOTE).length - 1) % 2 === 1;
    const what = isQuoted ? 'a quoted field is not closed' : 'the last line does not end';
    throw new ResultsError({ file: this.#file, line: this.#line }, `${what}: the file was cut off here`);
  }

  /** Where the record after the one at `start` begins; undefined when more text is needed to know. */
  #readRecord(text: string, start: number): number | undefined {
    const end = text.indexOf(LINE_BREAK, start);
    if (end < 0) {
      return undefined;
    }
    if (this.#quote < start) {
      const quote = text.indexOf(QUOTE, start);
      this.#quote = quote < 0 ? text.length : quote;
    }
    if (this.#quote < end) {
      return this.#readQuotedRecord(text, start);
    }
    this.#onRecord(withoutReturn(text.slice(start, end)).split(','), this.#line);
    this.#line++;
    return end + 1;
  }

  #readQuotedRecord(text: string, start: number): number | undefined {
    const fields: string[] = [];
    for (let from = start; ; ) {
      const field = text[from] === QUOTE ? this.#quotedField(text, start, from) : this.#plainField(text, start, from);
      if (field === undefined) {
        return undefined;
      }
      fields.push(field.value);
      if (text[field.end] === LINE_BREAK) {
        this.#onRecord(fields, this.#line);
        this.#line += text.slice(start, field.end + 1).split(LINE_BREAK).length - 1;
        return field.end + 1;
      }
      from = field.end + 1;
    }
  }

  /** `end` is the place of the comma or line feed after the field. */
  #quotedField(text: string, start: number, from: number): { value: string; end: number } | undefined {
    let value = '';
    for (let part = from + 1; ; ) {
      const quote = text.indexOf(QUOTE, part);
      if (quote < 0) {
        return undefined;
      }
      value += text.slice(part, quote);
      if (text[quote + 1] !== QUOTE) {
        const end = text[quote + 1] === '\r' ? quote + 2 : quote + 1;
        const follows = text[end];
        if (follows !== undefined && follows !== LINE_BREAK && !(follows === ',' && end === quote + 1)) {
          this.#refuse(
            text,
            start,
            quote + 1,
            `a comma or a line break follows a closing quote, not ${show(text[quote + 1])}`,
          );
        }
        return follows === undefined ? undefined : { value, end };
      }
      value += QUOTE;
      part = quote + 2;
    }
  }

  #plainField(text: string, start: number, from: number): { value: string; end: number } | undefined {
    const comma = text.indexOf(',', from);
    const lineBreak = text.indexOf(LINE_BREAK, from);
    const end = comma < 0 || (lineBreak >= 0 && lineBreak < comma) ? lineBreak : comma;
    if (end < 0) {
      return undefined;
    }
    const quote = text.indexOf(QUOTE, from);
    if (quote >= 0 && quote < end) {
      this.#refuse(text, start, quote, 'a quote inside a field that is not quoted');
    }
    const value = text.slice(from, end);
    return { value: end === lineBreak ? withoutReturn(value) : value, end };
  }

  #refuse(text: string, start: number, at: number, finding: string): never {
    const before = text.slice(start, at).split(LINE_BREAK);
    const line = this.#line + before.length - 1;
    throw new ResultsError({ file: this.#file, line, column: (before.at(-1) as string).length + 1 }, finding);
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

const show = (character: string | undefined): string => JSON.stringify(character ?? '');
