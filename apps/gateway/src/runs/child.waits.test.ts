import type { Run } from '@interlock/contracts/http';
import type { KnownRun } from '@interlock/read-model';
import { expect, test } from 'vitest';
import { withChildWaits } from './child.waits.js';

type Wait = NonNullable<Run['waitingFor']>[number];
const since = '2026-12-01T09:00:00.000Z';
const child = (runId: string): Wait => ({
  kind: 'child',
  step: 'onboard',
  since,
  detail: `run ${runId}`,
  runId,
});
const approval: Wait = { kind: 'approval', step: 'ask', since, detail: 'people to agree', approvalId: 'a' };

const known = (waitingFor?: readonly Wait[], status = 'running'): KnownRun => ({
  body: JSON.stringify({ runId: 'r', status, waitingFor }),
  status,
  requestHash: '',
  tenant: '',
  lastSeq: 1,
});

async function waitsOf(run: KnownRun, others: Readonly<Record<string, KnownRun>>) {
  const asked: string[] = [];
  const read = async (runId: string) => {
    asked.push(runId);
    return others[runId];
  };
  const shown: Run = JSON.parse(await withChildWaits(run, read));
  return { details: (shown.waitingFor ?? []).map(({ detail }) => detail), asked };
}

test('a parent that waits for a child says what the child waits for, and so on', async () => {
  const { details } = await waitsOf(known([child('a')]), { a: known([child('b')]), b: known([approval]) });
  expect(details).toEqual([
    'run a, which waits for child in onboard: run b, which waits for approval in ask: people to agree',
  ]);
});

test('a child that works says so, and one that nobody knows of changes nothing', async () => {
  const { details } = await waitsOf(known([child('a'), child('gone'), approval]), { a: known() });
  expect(details).toEqual(['run a, which is running', 'run gone', 'people to agree']);
});

test('a run that waits for no child is sent as it is, and a family is not looked through without end', async () => {
  const alone = known([approval]);
  expect(await withChildWaits(alone, () => Promise.reject(new Error('asked')))).toBe(alone.body);
  const { asked } = await waitsOf(known([child('a')]), { a: known([child('a'), child('a')]) });
  expect(asked).toHaveLength(20);
});
