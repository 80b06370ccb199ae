import { join } from 'node:path';
import { freePort } from '@interlock/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { mailsIn } from './mailing.module.ts';
import { newPlace } from './place.ts';
import type { Run, SystemClient } from './system.client.ts';
import { startSystem } from './system.process.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('mail');
});
afterAll(() => place.remove());

const file = () => join(place.directory, 'mails.jsonl');
const telling = async (client: SystemClient): Promise<Run[]> =>
  (await client.runs()).filter(({ workflow }) => workflow.name === 'desk/notice-lead');

test('who waits for people is told by mail through a governed call, once through kill -9, with a link and nothing that the run holds', async () => {
  const options = {
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/mailing.module.ts',
      INTERLOCK_PORT: String(await freePort()),
      NOTICE_SECRET: 'a key of the notices of this test',
      MAIL_FILE: file(),
    },
  };
  const first = await startSystem(options);
  const { runId } = await first.client.start('ask', { of: 'a secret of the run' });
  await first.client.settled(runId);
  expect(await first.stop('SIGKILL')).toBe('SIGKILL');

  const second = await startSystem(options);
  await eventually('the first mail', () => mailsIn(file()).length > 0);
  const cancel = { type: 'cancel', reason: 'tested', rollback: false };
  await second.client.post(`/v1/runs/${runId}/commands`, cancel);
  await eventually('the second mail', () => new Set(mailsIn(file()).map(({ key }) => key)).size === 2);
  await eventually('both to be told', async () =>
    (await telling(second.client)).every(({ status }) => status === 'completed'),
  );

  // A mail whose sending was cut off is sent again under its key.
  const mails = [...new Map(mailsIn(file()).map((mail) => [mail.key, mail])).values()];
  expect(mails.map(({ to, subject }) => `${to} ${subject}`)).toEqual([
    'lead@example.com desk/ask: run.waiting',
    'lead@example.com desk/ask: run.ended',
  ]);
  for (const { text } of mails) expect(text).toBe(`${second.client.url}/v1/runs/${runId}`);
  const runs = await telling(second.client);
  expect(runs).toHaveLength(2);
  expect(JSON.stringify(runs)).not.toContain('a secret of the run');
  const events = await second.client.events(runs[0]?.runId ?? '');
  expect(events.filter(({ type }) => type === 'verdict.recorded').length).toBeGreaterThan(0);
  // Nobody is told of the runs that tell: a mail leads to no other.
  expect(await second.client.runs()).toHaveLength(3);
  await second.stop();
});
