import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { fedLog } from '../test/fed.log.js';
import { noReport, readModelContract } from '../test/read-model.contract.js';
import { acrossThreads } from '../test/thread.channel.js';
import { inlineReadModel } from './inline.read-model.js';
import { runFold } from './run.fold.js';
import type { RecordLog } from './run.histories.js';

const directory = mkdtempSync(join(tmpdir(), 'interlock-read-model-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;

const place = () => {
  const path = join(directory, `${files++}.sqlite`);
  return (log: RecordLog = fedLog) => inlineReadModel(path, runFold, log, noReport);
};

readModelContract('SQLite', async () => {
  const open = place();
  return { model: open(), again: async () => open() };
});

readModelContract('SQLite, across threads', async () => {
  const open = place();
  return { model: acrossThreads(open), again: async () => acrossThreads(open) };
});
