import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for one test, gone when it is done with it. */
export async function newPlace(name: string): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), `interlock-${name}-`));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
