import { styleText } from 'node:util';
import { plain } from '@interlock/contracts';
import { type ColumnRule, layOut } from './table.layout.js';
import { shortened, wrapped } from './text.js';

type Style = Parameters<typeof styleText>[0];

/** What the output of commands can show. */
export interface Look {
  /** Width of the terminal; absent elsewhere: nothing is cut. */
  readonly columns?: number | undefined;
  readonly colour: boolean;
}

/** A title, or a column with rules of its own. */
export type Column = string | ColumnRule;
/** Never cut, because people copy it, or because it is short and says nothing when it is cut. */
export const whole = (title: string): Column => ({ title, keep: true, spare: false });
/** Left out where there is no room for it; never cut. */
export const spare = (title: string): Column => ({ title, keep: true, spare: true });
const ruleOf = (column: Column): ColumnRule =>
  typeof column === 'string' ? { title: column, keep: false, spare: false } : column;

/** Where commands print. With `--json` only `json` and `jsonLine` say anything, so programs read what they expect. */
export class Output {
  constructor(
    readonly isJson: boolean,
    readonly write: (text: string) => void,
    readonly look: Look = { colour: false },
    /** The server that was named on the command line, if one was. */
    readonly namedUrl?: string,
  ) {}

  /** A command to type next, ready to be copied, for the same server. */
  next(words: string): string {
    return `./interlock ${words}${this.namedUrl === undefined ? '' : ` --url ${this.namedUrl}`}`;
  }

  /** The result as it came, for programs. */
  json(value: unknown): void {
    if (this.isJson) this.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One of many values, each on a line of its own. */
  jsonLine(value: unknown): void {
    if (this.isJson) this.write(`${JSON.stringify(value)}\n`);
  }

  line(text = ''): void {
    if (!this.isJson) this.write(`${text}\n`);
  }

  /** A sentence; on a terminal it is broken between words. */
  sentence(text: string): void {
    for (const line of wrapped(text, this.look.columns ?? Number.POSITIVE_INFINITY))
      this.line(this.coloured(line));
  }

  /** Columns as wide as they need to be; on a terminal spare ones are left out and long ones cut until a row fits a line. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const { lines, leftOut } = layOut(columns.map(ruleOf), rows, this.look.columns);
    const [head = '', ...body] = lines;
    this.line(this.style('dim', head));
    for (const line of body) this.line(this.coloured(line));
    if (leftOut.length > 0)
      this.line(this.style('dim', `Left out: ${leftOut.join(', ')}. --wide shows all.`));
  }

  /** Names and what belongs to them, in two columns; what is undefined is left out. */
  facts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
    const shown = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
    const width = Math.max(0, ...shown.map(([name]) => name.length));
    for (const [name, value] of shown) {
      const text = shortened(value, this.roomBehind(width));
      this.line(`${this.style('dim', name.padEnd(width))}  ${this.coloured(text)}`);
    }
  }

  style(format: Style, text: string): string {
    return this.look.colour ? styleText(format, text, { validateStream: false }) : text;
  }

  /** The first status word in its colour. */
  coloured(text: string): string {
    return plain(text).replace(statusWord, (status) => this.style(styles[status] ?? 'reset', status));
  }

  private roomBehind(width: number): number {
    const { columns = Number.POSITIVE_INFINITY } = this.look;
    return Math.max(20, columns - width - 2);
  }
}

const styles: Readonly<Record<string, Style>> = {
  completed: 'green',
  granted: 'green',
  running: 'cyan',
  waiting: 'yellow',
  pending: 'yellow',
  paused: 'yellow',
  rolling_back: 'yellow',
  rolled_back: 'magenta',
  cancelled: 'magenta',
  withdrawn: 'magenta',
  escalated: 'red',
  failed: 'red',
  denied: 'red',
  expired: 'red',
};
const statusWord = new RegExp(`\\b(${Object.keys(styles).join('|')})\\b`);
