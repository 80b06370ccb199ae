import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where commands print. With `--json` only `json` says anything, so programs read one document. */
export class Output {
  constructor(
    readonly isJson: boolean,
    readonly write: (text: string) => void,
  ) {}

  /** The result as it came, for programs. */
  json(value: unknown): void {
    if (this.isJson) this.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  line(text = ''): void {
    if (!this.isJson) this.write(`${text}\n`);
  }

  /** Columns as wide as they need to be. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = header.map((title, at) =>
      Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
    );
    const put = (row: readonly string[]) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd();
    this.line(style('dim', put(header)));
    for (const row of rows) this.line(coloured(put(row)));
  }

  /** Names and what belongs to them, in two columns. */
  facts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
    const shown = facts.filter(([, value]) => value !== undefined);
    const width = Math.max(...shown.map(([name]) => name.length));
    for (const [name, value] of shown)
      this.line(`${style('dim', name.padEnd(width))}  ${coloured(value ?? '')}`);
  }
}

/** Styled on a terminal, plain elsewhere. */
export const style = (format: Style, text: string): string =>
  styleText(format, text, { stream: process.stdout });

const statusStyles: Readonly<Record<string, Style>> = {
  completed: 'green',
  waiting: 'yellow',
  escalated: 'red',
  failed: 'red',
  cancelled: 'magenta',
};

const coloured = (text: string): string =>
  text.replace(/\b(completed|waiting|escalated|failed|cancelled)\b/, (status) =>
    style(statusStyles[status] ?? 'reset', status),
  );
