import { AuthorityRefusedError, IssuerUnavailableError } from '@interlock/authority';
import type { PublishedArtifact } from '@interlock/contracts';
import type { ArtifactView } from '@interlock/service';

export type Triggers = Pick<ArtifactView, 'get' | 'replacedAt'>;

/** What a gateway had accepted by a version may be on its way while the next one is published; a gateway that is behind reads it later. */
const ON_ITS_WAY_MS = 60_000;
/** A version that a gateway has read and this process has not, is read soon, or is none. */
const NOT_READ_MS = 30_000;

export interface Said {
  readonly trigger: string;
  /** Absent: the newest. */
  readonly version?: number | undefined;
}

interface When {
  /** When the broker took the command, UTC ms. */
  readonly at: number;
  readonly now: number;
  readonly code: 'authority.webhook' | 'authority.topic';
}

/**
 * The trigger in the version that has accepted an event: what was accepted is judged by nothing else. A version that was replaced long before
 * speaks for nothing any more, whatever a gateway says: it may have been replaced because its key had leaked.
 * @throws {AuthorityRefusedError} there is none
 * @throws {IssuerUnavailableError} it is not read here yet
 */
export function acceptingTrigger(
  artifacts: Triggers,
  { trigger, version }: Said,
  when: When,
): PublishedArtifact {
  const newest = artifacts.get('trigger', trigger);
  if (version === undefined || version === newest?.version)
    return newest ?? refuse(when, 'no such trigger is published');
  if (version > (newest?.version ?? 0)) return notReadYet(trigger, version, when);
  const found = artifacts.get('trigger', trigger, version);
  if (found === undefined) return refuse(when, `${trigger}@${version} is not published`);
  const replacedAt = artifacts.replacedAt(found) ?? 0;
  return when.at <= replacedAt + ON_ITS_WAY_MS
    ? found
    : refuse(
        when,
        `${trigger}@${version} was replaced more than ${ON_ITS_WAY_MS / 1_000} s before it was given`,
      );
}

function notReadYet(trigger: string, version: number, when: When): never {
  if (when.now - when.at > NOT_READ_MS) return refuse(when, `${trigger}@${version} is not published`);
  throw new IssuerUnavailableError(`trigger ${trigger}@${version}`, new Error('it is not read here yet'));
}

function refuse({ code }: When, why: string): never {
  throw new AuthorityRefusedError(code, why);
}
