import type { LanguageCatalogue } from './catalogue.js';
import { withoutAbsent } from './compile.fields.js';
import type { CompiledTable } from './compiled.step.js';
import { type Reads, readsIn, readsOfExpression, readsOfTemplate } from './expression.reads.js';
import { splitReference } from './fields.schema.js';
import type { Path, Report } from './problem.js';
import type { DecideStep } from './step.schema.js';
import type { DecisionTable } from './table.schema.js';

/** A table by name, or with what its rules see as `input`: of a decide step, or of an agent's baseline. */
type TableUse = DecideStep['decide'];

const tableReference = (use: TableUse): string => (typeof use === 'string' ? use : use.table);

export const tableInput = (use: TableUse): Record<string, unknown> | undefined =>
  typeof use === 'string' ? undefined : use.with;

/** @param at of the object that holds `decide` */
export function lookUpTable(
  at: Path,
  use: TableUse,
  catalogue: LanguageCatalogue,
  report: Report,
): { readonly table?: DecisionTable } {
  const reference = tableReference(use);
  const { name, version } = splitReference(reference);
  const table = catalogue.table(name, version);
  const field = typeof use === 'string' ? ['decide'] : ['decide', 'table'];
  if (table === undefined) {
    const why = catalogue.whyNot?.('table', reference);
    report([...at, ...field], why ?? `there is no decision table "${reference}"`);
  }
  return table === undefined ? {} : { table };
}

export function readsOfTable({
  table,
  with: input,
}: {
  readonly table: CompiledTable;
  readonly with?: Readonly<Record<string, unknown>>;
}): Reads {
  const rules = table.rules.map(({ when, then }) => readsIn(readsOfExpression(when), readsOfTemplate(then)));
  return readsIn(readsOfTemplate(input), readsOfTemplate(table.otherwise), ...rules);
}

export function compileTableUse(
  use: TableUse,
  { name, version, hash, rules, otherwise }: DecisionTable,
): { readonly table: CompiledTable; readonly with?: Record<string, unknown> } {
  const input = tableInput(use);
  return {
    table: withoutAbsent({ name, version, hash, rules, otherwise }),
    ...(input === undefined ? {} : { with: input }),
  };
}
