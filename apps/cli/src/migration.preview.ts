import type { BulkAnswer, MigrationPlanShown, ProblemDetails } from '@interlock/contracts/http';
import { type Client, RefusedError } from './client.js';
import { queryOf } from './list.options.js';
import { type Output, spare, whole } from './output.js';
import { listedRuns } from './run.listing.js';

/** What would become of one run; `problem`: nobody can say, because it is gone or has not begun. */
export type Previewed = MigrationPlanShown | { readonly runId: string; readonly problem: ProblemDetails };

/** What would become of the runs that fit a filter, a page of them. */
export interface MigrationPreview {
  readonly matched: number;
  readonly items: readonly Previewed[];
  readonly next?: string;
}

export interface Asked {
  readonly filter: string;
  readonly command: object;
  readonly version: string;
  readonly map: readonly string[];
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Counts the runs, and asks about each of a page what would become of it. Writes nothing. */
export async function previewOf(
  client: Client,
  { filter, command, version, map, limit, cursor }: Asked,
): Promise<MigrationPreview> {
  const order = { filter, command, reason: 'only counted', dryRun: true };
  const { matched } = (await client.command<BulkAnswer>('/v1/bulk', order)).body;
  if (matched === 0) return { matched, items: [] };
  const page = await listedRuns(client, { filter, limit, cursor });
  const query = queryOf({ version, map: map.length === 0 ? undefined : map.join(',') });
  const items: Previewed[] = [];
  for (const { runId } of page.items) items.push(await previewOfRun(client, runId, query));
  return { matched, items, ...(page.next !== undefined && { next: page.next }) };
}

async function previewOfRun(client: Client, runId: string, query: string): Promise<Previewed> {
  try {
    const path = `/v1/runs/${encodeURIComponent(runId)}/migration${query}`;
    return (await client.get<MigrationPlanShown>(path)).body;
  } catch (error) {
    if (!(error instanceof RefusedError) || error.problem.status !== 404) throw error;
    return { runId, problem: error.problem };
  }
}

export const wouldGoOn = (one: Previewed): boolean => 'safe' in one && one.safe;

export function showPreview({ matched, items, next }: MigrationPreview, output: Output): void {
  if (items.length === 0) {
    output.line(
      matched === 0 ? 'No run fits.' : `${matched} runs fit, and no more of them are on this page.`,
    );
    return;
  }
  output.table(
    [whole('run'), spare('from'), whole('would'), ''],
    items.map((one) => [
      one.runId,
      'from' in one ? String(one.from) : '',
      wouldGoOn(one) ? 'go on' : 'be refused',
      whyOf(one),
    ]),
  );
  const fine = items.filter(wouldGoOn).length;
  output.line(
    `\n${matched} runs fit. Of the ${items.length} above ${fine} would go on. Nothing is written. All of one: run migrate RUN --dry-run`,
  );
  if (next !== undefined) output.line(`There are more: add --cursor ${next}`);
}

/** The first reason: all of them are in the plan of the run itself. */
function whyOf(one: Previewed): string {
  if ('problem' in one) return one.problem.detail;
  const { refusal, obstacles, steps } = one;
  const [first] = [
    ...(refusal === undefined ? [] : [`${refusal.message} (${refusal.code})`]),
    ...obstacles.map(({ field, reason }) => `${field}: ${reason}`),
    ...steps.flatMap(({ step, obstacles: own }) =>
      own.map(({ field, reason }) => `${step}: ${field}: ${reason}`),
    ),
  ];
  return first ?? '';
}
