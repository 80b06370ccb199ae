import type { LanguageCatalogue } from './catalogue.js';

interface Calls {
  readonly calls?: Readonly<Record<string, number>> | undefined;
}

/** The calls of single tools, by the names under which they are called: a document leaves out that of its module. */
export function withFullNames<Spending extends Calls>(
  spending: Spending,
  catalogue: LanguageCatalogue,
): Spending {
  if (spending.calls === undefined) return spending;
  const calls = Object.entries(spending.calls).map(([name, count]) => [
    catalogue.tool(name)?.name ?? name,
    count,
  ]);
  return { ...spending, calls: Object.fromEntries(calls) };
}
