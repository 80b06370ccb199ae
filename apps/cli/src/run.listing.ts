import type { Run, RunPage } from '@interlock/contracts/http';
import type { Client } from './client.js';
import { queryOf, tellMore } from './list.options.js';
import { type Output, spare, whole } from './output.js';
import { durationOf, noteOf } from './run.view.js';
import { distanceText } from './time.text.js';

const LIMIT = 50;

type Options = Readonly<Record<string, string | undefined>>;

/** A page of runs. A server that looks for some ends a page after a bounded look, so as many are asked for as fill one. */
export async function listedRuns(client: Client, options: Options): Promise<RunPage> {
  const wanted = Number(options.limit ?? LIMIT);
  let { body: page } = await client.get<RunPage>(`/v1/runs${queryOf(options)}`);
  const isSearch = options.filter !== undefined || options.words !== undefined;
  while (isSearch && page.next !== undefined && page.items.length < wanted) {
    const rest = { ...options, limit: String(wanted - page.items.length), cursor: page.next };
    const { body } = await client.get<RunPage>(`/v1/runs${queryOf(rest)}`);
    page = { ...body, items: [...page.items, ...body.items] };
  }
  return page;
}

export function showRuns(page: RunPage, output: Output, nowMs: number): void {
  const columns = [whole('run'), spare('workflow'), whole('status'), spare('started'), spare('took'), ''];
  output.table(
    columns,
    page.items.map((run) => rowOf(run, nowMs)),
  );
  tellMore(page, output);
}

const rowOf = (run: Run, nowMs: number): string[] => [
  run.runId,
  `${run.workflow.name}@${run.workflow.version}`,
  run.status,
  distanceText(run.startedAt, nowMs),
  durationOf(run, nowMs),
  noteOf(run),
];
