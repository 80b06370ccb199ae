import { randomUUID } from 'node:crypto';
import {
  type ArtifactKind,
  type ArtifactRefused,
  hashOf,
  type MessageOf,
  PublishArtifact,
  type PublishedArtifact,
} from '@interlock/contracts';
import type { Bearer, OwnerCaller } from '@interlock/service';
import type { NewArtifact } from '@interlock/tools';

/** What is published already. */
export interface Artifacts {
  get(kind: ArtifactKind, name: string, version?: number): PublishedArtifact | undefined;
}

export type Problems = MessageOf<typeof ArtifactRefused>['data']['problems'];

export type Publication =
  | { readonly outcome: 'published'; readonly hash: string }
  /** The same name and version stand for another document. */
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'refused'; readonly problems: Problems }
  /** The registry has not answered in time. The command is durable and is answered later. */
  | { readonly outcome: 'unanswered' };

/** Asks the registry to publish, and waits for what it says. */
export class ArtifactPublisher {
  constructor(
    readonly registry: OwnerCaller,
    readonly artifacts: Artifacts,
  ) {}

  /**
   * Nothing is sent when the same document is published under this name and version already.
   * @throws {Problem} not-allowed: what proves the publication does not hold
   */
  async publish(
    bearer: Bearer,
    artifact: NewArtifact,
    signal: AbortSignal,
    commandId: string = randomUUID(),
  ): Promise<Publication> {
    const { kind, name, version, document } = artifact;
    const before = this.artifacts.get(kind, name, version);
    if (before !== undefined) {
      return hashOf(before.document) === hashOf(document)
        ? { outcome: 'published', hash: before.hash }
        : { outcome: 'taken' };
    }
    const command = { commandId, kind, name, version, document };
    const answer = await this.registry.ask(PublishArtifact, `${kind}/${name}`, bearer, command, signal);
    if (answer === undefined) return { outcome: 'unanswered' };
    if (answer.type === 'artifact.published') return { outcome: 'published', hash: answer.data.hash };
    if (answer.type === 'artifact.refused') return { outcome: 'refused', problems: answer.data.problems };
    throw new Error(`the registry answered a publication with ${answer.type}`);
  }
}
