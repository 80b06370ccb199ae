import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { noReport, readModelContract } from '../../test/read-model.contract.js';
import { inlineReadModel } from './inline.read-model.js';
import { runFold } from './run.fold.js';

const directory = mkdtempSync(join(tmpdir(), 'interlock-read-model-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;

readModelContract('SQLite', async () => {
  const path = join(directory, `${files++}.sqlite`);
  const open = () => inlineReadModel(path, runFold, noReport);
  return { model: open(), again: async () => open() };
});
