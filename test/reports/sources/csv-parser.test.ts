import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { CsvParser } from '../../../reports/sources/csv-parser.js';

type Found = readonly (readonly [line: number, ...fields: string[]])[];

function parse(...pieces: readonly string[]): Found {
  const found: (readonly [number, ...string[]])[] = [];
  const parser = new CsvParser('pods.csv', (fields, line) => found.push([line, ...fields]));
  for (const piece of pieces) {
    parser.push(piece);
  }
  parser.end();
  return found;
}

describe('a CSV text as RFC 4180 has it', () => {
  it.each<[string, string, Found]>([
    [
      'records of fields, each with its line',
      'a,b\n1,2\n',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'records that end with CRLF',
      'a,b\r\n1,2\r\n',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'empty fields',
      ',\n,,\n',
      [
        [1, '', ''],
        [2, '', '', ''],
      ],
    ],
    ['blanks, which belong to their field', ' a , b\n', [[1, ' a ', ' b']]],
    ['a comma in quotes', '"a,b",c\n', [[1, 'a,b', 'c']]],
    ['a doubled quote in quotes', '"say ""hi""",c\n', [[1, 'say "hi"', 'c']]],
    [
      'a line break in quotes, after which lines go on counting',
      'x,"a\nb\r\nc"\ny\n',
      [
        [1, 'x', 'a\nb\r\nc'],
        [4, 'y'],
      ],
    ],
    ['empty quotes', '"",""\r\n', [[1, '', '']]],
    ['nothing at all', '', []],
  ])('has %s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['a quote inside a plain field', 'a\nb,c"d\n', 'pods.csv:2:4: a quote inside a field that is not quoted'],
    [
      'text after a closing quote',
      'x,"a\nb"c\n',
      'pods.csv:2:3: a comma or a line break follows a closing quote, not "c"',
    ],
    [
      'a carriage return alone after a closing quote',
      '"a"\rb\n',
      'pods.csv:1:4: a comma or a line break follows a closing quote, not "\\r"',
    ],
    [
      'a quoted field that is not closed',
      'a\n"b\nc\n',
      'pods.csv:2: a quoted field is not closed: the file was cut off here',
    ],
    ['a last line that does not end', 'a\nb\nc,d', 'pods.csv:3: the last line does not end: the file was cut off here'],
  ])('does not have %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('reads back whatever csv-stringify writes, cut into any pieces', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r', '\r\n') });
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(table, fc.infiniteStream(fc.integer({ min: 1, max: 6 })), (rows, lengths) => {
        const text = stringify(rows, { quoted_match: /\r/ });
        const pieces: string[] = [];
        for (let from = 0; from < text.length; ) {
          const length = lengths.next().value as number;
          pieces.push(text.slice(from, from + length));
          from += length;
        }
        expect(parse(...pieces).map(([, ...fields]) => fields)).toEqual(rows);
      }),
    );
  });
});
