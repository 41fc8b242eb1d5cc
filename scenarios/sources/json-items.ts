import { ScenarioError } from '../schema/errors.js';

/** One object of a JSON file, and the line on which it begins. */
export interface JsonItem {
  readonly line: number;
  readonly text: string;
}

const [QUOTE, BACKSLASH, NEWLINE] = [0x22, 0x5c, 0x0a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The objects of a JSON text that comes in pieces: the items of a List or of a plain array, or objects one after the other. Only
 * one of them is held at a time. @throws ScenarioError when the text is no JSON of that form.
 */
export function* jsonItems(path: string, pieces: Iterable<string>): Generator<JsonItem, undefined> {
  const scanner = new Scanner(path);
  for (const piece of pieces) {
    yield* scanner.read(piece);
  }
  scanner.end();
}

class Scanner {
  readonly #path: string;
  #line = 1;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** The last text in quotes at depth 1: the field whose value begins. */
  #field = '';
  /** Depth at which items stand, once they have begun. */
  #itemDepth = 0;
  /** What was read of the item that is open, without the piece being read. */
  #text = '';
  /** Where the open item, or the open text at depth 1, begins in the piece; -1 for none. */
  #from = -1;
  #fieldFrom = -1;
  #itemLine = 0;
  #count = 0;

  constructor(path: string) {
    this.#path = path;
  }

  *read(piece: string): Generator<JsonItem, undefined> {
    this.#from = this.#from < 0 ? -1 : 0;
    this.#fieldFrom = this.#fieldFrom < 0 ? -1 : 0;
    for (let i = 0; i < piece.length; i++) {
      const letter = piece.charCodeAt(i);
      if (letter === NEWLINE) {
        this.#line++;
      }
      if (this.#isInString) {
        this.#readString(letter, piece, i);
      } else if (letter === QUOTE) {
        this.#isInString = true;
        this.#fieldFrom = this.#depth === 1 ? i + 1 : -1;
      } else if (letter === OPEN_OBJECT || letter === OPEN_LIST) {
        this.#open(letter, i);
      } else if (letter === CLOSE_OBJECT || letter === CLOSE_LIST) {
        const item = this.#close(piece, i);
        if (item !== undefined) {
          yield item;
        }
      } else if (this.#depth === 0 && letter > 0x20 && letter !== 0x2c) {
        this.#refuse('expected JSON, as `kubectl get … -o json` writes it');
      }
    }
    this.#text += this.#from < 0 ? '' : piece.slice(this.#from);
  }

  end(): void {
    if (this.#depth > 0 || this.#isInString) {
      this.#refuse('the JSON ends in the middle');
    }
    if (this.#count === 0) {
      this.#refuse('no objects in this file');
    }
  }

  #readString(letter: number, piece: string, at: number): void {
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (letter === BACKSLASH) {
      this.#isEscaped = true;
    } else if (letter === QUOTE) {
      this.#isInString = false;
      if (this.#fieldFrom >= 0) {
        this.#field = piece.slice(this.#fieldFrom, at);
        this.#fieldFrom = -1;
      }
    }
  }

  #open(letter: number, at: number): void {
    this.#depth++;
    const isItems = letter === OPEN_LIST && (this.#depth === 1 || (this.#depth === 2 && this.#field === 'items'));
    if (isItems && this.#itemDepth === 0) {
      this.#itemDepth = this.#depth + 1;
      this.#from = -1; // the object around the items is none itself
      this.#text = '';
    } else if (letter === OPEN_OBJECT && this.#depth === (this.#itemDepth || 1)) {
      this.#from = at;
      this.#itemLine = this.#line;
    }
  }

  #close(piece: string, at: number): JsonItem | undefined {
    const wasOpen = this.#from >= 0 && this.#depth === (this.#itemDepth || 1);
    this.#depth--;
    if (this.#itemDepth > 0 && this.#depth < this.#itemDepth - 1) {
      this.#itemDepth = 0;
      this.#count++; // an empty list of items is one, too
    }
    if (!wasOpen) {
      return undefined;
    }
    const text = this.#text + piece.slice(this.#from, at + 1);
    this.#text = '';
    this.#from = -1;
    this.#count++;
    return { text, line: this.#itemLine };
  }

  #refuse(message: string): never {
    throw new ScenarioError([
      { code: 'YAML_SYNTAX', file: this.#path, position: { line: this.#line, column: 1 }, message },
    ]);
  }
}
