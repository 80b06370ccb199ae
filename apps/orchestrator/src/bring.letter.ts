import type { HostSpec } from '@interlock/actors';
import { letterIn } from '@interlock/run';
import type { ArtifactView } from '@interlock/service';

/** What the orchestrator reads of the artifacts to bring letters. */
export type Artifacts = Pick<ArtifactView, 'byHash' | 'onRead'>;

/** How long a start waits for a workflow that this process has not read yet, ms. Then its run says that there is none. */
const WAIT_MS = 30_000;

/** Brings what one run tells another of its partition. */
export const bringLetters =
  (artifacts: Artifacts): NonNullable<HostSpec<unknown>['perform']> =>
  async (effect, { signal, result }) => {
    const letter = letterIn(effect);
    if (letter.kind === 'start') await published(artifacts, letter.workflow.hash, signal);
    if (!signal.aborted) result(letter);
  };

/** Whoever pinned the workflow had read it; another host that takes over may be a moment behind. */
function published(artifacts: Artifacts, hash: string, signal: AbortSignal): Promise<void> {
  if (artifacts.byHash(hash) !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
    const stop = artifacts.onRead(() => artifacts.byHash(hash) !== undefined && done());
    const done = () => {
      stop();
      ended.removeEventListener('abort', done);
      resolve();
    };
    ended.addEventListener('abort', done);
  });
}
