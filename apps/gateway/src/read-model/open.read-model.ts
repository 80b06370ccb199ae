import { inlineReadModel } from './inline.read-model.js';
import type { ReadModel } from './read-model.js';
import { runFold } from './run.fold.js';
import { threadedReadModel } from './threaded.read-model.js';

/** The read model in a thread of its own. Sources run uncompiled in tests only, and there it stays in the calling thread. */
export function openReadModel(path: string, report: (error: unknown) => void): ReadModel {
  const isCompiled = import.meta.url.endsWith('.js');
  return isCompiled ? threadedReadModel(path, report) : inlineReadModel(path, runFold, report);
}
