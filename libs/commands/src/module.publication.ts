import { randomUUID } from 'node:crypto';
import type { CodeOf } from '@interlock/contracts';
import {
  type ArtifactKind,
  type Identity,
  moduleIdentity,
  type PolicyInForce,
  PolicyProposed,
  ProposePolicy,
  type PublishedArtifact,
} from '@interlock/contracts';
import type { Bearer, OwnerCaller } from '@interlock/service';
import {
  artifactsOf,
  bundleOf,
  type DescribedModules,
  moduleNameOf,
  type NewArtifact,
} from '@interlock/tools';
import type { ArtifactPublisher, Problems } from './artifact.publisher.js';
import { Problem } from './problem.js';
import type { ScheduleCommander } from './schedule.commander.js';

/** What modules bring cannot be published: the start ends with this message. */
export class ModulesRefusedError extends Error {
  readonly code = 'modules.refused' satisfies CodeOf<'fault'>;

  constructor(brought: string, problems: Problems) {
    const lines = problems.map(({ path, message, line, column }) => {
      const place =
        line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
      return `  ${path === '' ? '' : `${path}: `}${message}${place}`;
    });
    super(`${brought} is refused:\n${lines.join('\n')}`);
    this.name = 'ModulesRefusedError';
  }
}

/** A token of a module. */
export type ModuleSignature = (by: Identity) => Promise<string>;

/** What is published and in force already. */
export interface Published {
  readonly policy: PolicyInForce;
  all(kind: ArtifactKind): readonly PublishedArtifact[];
}

/** Who publishes what these modules bring. */
export const publisherOf = (paths: readonly string[]): Identity => moduleIdentity(moduleNameOf(paths));

/** Publishes what modules bring, and proposes their policies: in development, where whoever starts the server may do so. */
export class ModulePublication {
  readonly #by: Identity;
  readonly #bundleName: string;

  /**
   * @param sign a token for what a module publishes, which the registry takes in development alone
   * @param paths of the modules, which name their author
   */
  constructor(
    readonly published: Published,
    readonly publisher: ArtifactPublisher,
    readonly registry: OwnerCaller,
    readonly schedules: Pick<ScheduleCommander, 'keep'>,
    readonly sign: ModuleSignature,
    paths: readonly string[],
  ) {
    this.#by = publisherOf(paths);
    this.#bundleName = moduleNameOf(paths);
  }

  /**
   * Publishes one after the other what is not published yet, and waits for each answer.
   * @throws {ModulesRefusedError} naming what is wrong with the first one refused
   */
  async publish(modules: DescribedModules, signal: AbortSignal): Promise<void> {
    for (const artifact of artifactsOf(modules)) await this.#publish(artifact, signal);
    const bundle = bundleOf(modules, this.#bundleName, this.published.all('policy'));
    if (bundle !== undefined) {
      await this.#publish(bundle, signal);
      await this.#propose(bundle, signal);
    }
    for (const schedule of modules.schedules) if (!signal.aborted) await this.#keep(schedule);
  }

  /** One whose orchestrator does not answer yet is in the log: it comes later. */
  async #keep(schedule: DescribedModules['schedules'][number]): Promise<void> {
    try {
      await this.schedules.keep(await this.#bearer(), schedule);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'not-ready') return;
      const problems = error.errors.length > 0 ? [...error.errors] : [{ path: '', message: error.message }];
      throw new ModulesRefusedError(`schedule ${schedule.name}`, problems);
    }
  }

  async #bearer(): Promise<Bearer> {
    return { by: this.#by, credential: { token: await this.sign(this.#by) } };
  }

  async #publish(artifact: NewArtifact, signal: AbortSignal): Promise<void> {
    const publication = await this.publisher.publish(await this.#bearer(), artifact, signal);
    switch (publication.outcome) {
      case 'published':
      case 'unanswered':
        return;
      case 'taken':
        throw new ModulesRefusedError(titleOf(artifact), [
          { path: '', message: 'this version is published with another document: raise its version' },
        ]);
      case 'refused':
        throw new ModulesRefusedError(titleOf(artifact), publication.problems);
    }
  }

  async #propose(bundle: NewArtifact & { readonly hash: string }, signal: AbortSignal): Promise<void> {
    const { hash } = bundle;
    if (signal.aborted || this.published.policy.proposed[this.#by.sub] === hash) return;
    const command = { commandId: randomUUID(), hash };
    const answer = await this.registry.ask(ProposePolicy, 'policy', await this.#bearer(), command, signal);
    if (answer === undefined || answer.type === PolicyProposed.type) return;
    const message = answer.type === 'policy.activation_refused' ? answer.data.message : '';
    throw new ModulesRefusedError(titleOf(bundle), [{ path: '', message }]);
  }
}

const titleOf = ({ kind, name, version }: NewArtifact): string => `${kind} ${name}@${version}`;
