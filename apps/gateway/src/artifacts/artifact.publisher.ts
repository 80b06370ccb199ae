import { randomUUID } from 'node:crypto';
import {
  type ArtifactKind,
  type ArtifactPublished,
  type ArtifactRefused,
  artifactCommands,
  hashOf,
  type Identity,
  type MessageOf,
  PublishArtifact,
  type PublishedArtifact,
} from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import type { CommandAppender } from '../log/command.appender.js';

export interface NewArtifact {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly version: number;
  readonly document: unknown;
}

/** What is published already, and what the registry answers. */
export interface Artifacts {
  get(kind: ArtifactKind, name: string, version?: number): PublishedArtifact | undefined;
  onAnswer(listener: (answer: { commandId: string; type: string; data: unknown }) => void): () => void;
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
    readonly appender: CommandAppender,
    readonly artifacts: Artifacts,
    readonly now: () => number,
  ) {}

  /** Nothing is sent when the same document is published under this name and version already. */
  async publish(by: Identity, artifact: NewArtifact, signal: AbortSignal): Promise<Publication> {
    const { kind, name, version, document } = artifact;
    const before = this.artifacts.get(kind, name, version);
    if (before !== undefined) {
      return hashOf(before.document) === hashOf(document)
        ? { outcome: 'published', hash: before.hash }
        : { outcome: 'taken' };
    }
    const commandId = randomUUID();
    const issuedAt = this.now();
    const data = { commandId, by, issuedAt, kind, name, version, document };
    const answer = this.#answerTo(commandId, signal);
    await this.appender.append(
      artifactCommands.name,
      0,
      plainRecord(`${kind}/${name}`, PublishArtifact.wire, { id: commandId, time: issuedAt }, data),
    );
    return answer;
  }

  #answerTo(commandId: string, signal: AbortSignal): Promise<Publication> {
    return new Promise((resolve) => {
      const end = (publication: Publication) => {
        stop();
        signal.removeEventListener('abort', giveUp);
        resolve(publication);
      };
      const giveUp = () => end({ outcome: 'unanswered' });
      const stop = this.artifacts.onAnswer((answer) => {
        if (answer.commandId !== commandId) return;
        const { type } = answer;
        if (type === 'artifact.published') {
          const { hash } = answer.data as MessageOf<typeof ArtifactPublished>['data'];
          end({ outcome: 'published', hash });
        } else {
          const { problems } = answer.data as MessageOf<typeof ArtifactRefused>['data'];
          end({ outcome: 'refused', problems });
        }
      });
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
