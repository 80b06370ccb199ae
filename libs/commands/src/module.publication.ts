import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { type Bearer, NoSealingKeyError, type OwnerCaller } from '@interlock/service';
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

  /** @param file that brings it; undefined: several bring it together */
  constructor(brought: string, file: string | undefined, problems: Problems) {
    const lines = problems.map(({ path, message, line, column }) => {
      const place =
        line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
      return `  ${path === '' ? '' : `${path}: `}${message}${place}`;
    });
    const from = file === undefined ? '' : ` of module ${file}`;
    super(`${brought}${from} is refused:\n${lines.join('\n')}`);
    this.name = 'ModulesRefusedError';
  }
}

/** A service that starts beside this one writes its key first. */
const KEY_AGAIN_MS = 200;

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
  #files: DescribedModules['files'] = new Map();
  #waitingFor: string | undefined;

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
    this.#files = modules.files;
    for (const artifact of artifactsOf(modules)) await this.#publish(artifact, signal);
    for (const hook of modules.notifications) this.#requireWorkflows(hook);
    const bundle = bundleOf(modules, this.#bundleName, this.published.all('policy'));
    if (bundle !== undefined) {
      await this.#publish(bundle, signal);
      await this.#propose(bundle, signal);
    }
    for (const schedule of modules.schedules) if (!signal.aborted) await this.#keep(schedule, signal);
  }

  /** One that names no workflow that there is would tell of nothing, and nobody would notice. */
  #requireWorkflows({ name, workflows = [] }: DescribedModules['notifications'][number]): void {
    const published = new Set(this.published.all('workflow').map((one) => one.name));
    const problems = workflows.flatMap((workflow, at) =>
      published.has(workflow)
        ? []
        : [
            {
              path: `workflows[${at}]`,
              message: `there is no published workflow ${workflow}: correct its name, or bring its module too`,
            },
          ],
    );
    if (problems.length === 0) return;
    const brought = `notification ${name}`;
    throw new ModulesRefusedError(brought, this.#files.get(brought), problems);
  }

  /** Whose answer about what is waited for, and what to look at if it does not come; undefined: nobody's. */
  get waitingFor(): string | undefined {
    return this.#waitingFor;
  }

  async #keep(schedule: DescribedModules['schedules'][number], signal: AbortSignal): Promise<void> {
    const brought = `schedule ${schedule.name}`;
    const bearer = await this.#bearer();
    try {
      await this.#answered('orchestrator', brought, signal, () =>
        this.schedules.keep(bearer, schedule, signal),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'not-ready' && signal.aborted) return;
      const problems = error.errors.length > 0 ? [...error.errors] : [{ path: '', message: error.message }];
      throw new ModulesRefusedError(brought, this.#files.get(brought), problems);
    }
  }

  async #answered<T>(
    service: string,
    brought: string,
    signal: AbortSignal,
    asked: () => Promise<T>,
  ): Promise<T> {
    const file = this.#files.get(brought);
    const what = `${brought}${file === undefined ? '' : ` (${file})`}`;
    for (;;) {
      this.#waitingFor = `the ${service} to answer about ${what}: if it runs, look into its quarantine`;
      try {
        return await asked();
      } catch (error) {
        if (!(error instanceof NoSealingKeyError) || signal.aborted) throw error;
      } finally {
        this.#waitingFor = undefined;
      }
      this.#waitingFor = `the ${service} to write its public key, for ${what}: start it, with the same INTERLOCK_KEYS_DIR`;
      await sleep(KEY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #bearer(): Promise<Bearer> {
    return { by: this.#by, credential: { token: await this.sign(this.#by) } };
  }

  async #publish(artifact: NewArtifact, signal: AbortSignal): Promise<void> {
    const bearer = await this.#bearer();
    const brought = titleOf(artifact);
    const publication = await this.#answered('registry', brought, signal, () =>
      this.publisher.publish(bearer, artifact, signal),
    );
    switch (publication.outcome) {
      case 'published':
      case 'unanswered':
        return;
      case 'taken':
        throw new ModulesRefusedError(brought, this.#files.get(brought), [
          { path: '', message: 'this version is published with another document: raise its version' },
        ]);
      case 'refused':
        throw new ModulesRefusedError(brought, this.#files.get(brought), publication.problems);
    }
  }

  async #propose(bundle: NewArtifact & { readonly hash: string }, signal: AbortSignal): Promise<void> {
    const { hash } = bundle;
    if (signal.aborted || this.published.policy.proposed[this.#by.sub] === hash) return;
    const command = { commandId: randomUUID(), hash };
    const bearer = await this.#bearer();
    const answer = await this.#answered('registry', titleOf(bundle), signal, () =>
      this.registry.ask(ProposePolicy, 'policy', bearer, command, signal),
    );
    if (answer === undefined || answer.type === PolicyProposed.type) return;
    const message = answer.type === 'policy.activation_refused' ? answer.data.message : '';
    throw new ModulesRefusedError(titleOf(bundle), undefined, [{ path: '', message }]);
  }
}

const titleOf = ({ kind, name, version }: NewArtifact): string => `${kind} ${name}@${version}`;
