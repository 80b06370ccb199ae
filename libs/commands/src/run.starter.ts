import { randomBytes, randomUUID } from 'node:crypto';
import { partitionOf } from '@interlock/broker';
import {
  EVERY_TENANT,
  hashOf,
  type Identity,
  namesMeantBy,
  type PublishedArtifact,
  runCommands,
  runIdOfKey,
  StartRun,
} from '@interlock/contracts';
import type { StartRunBody } from '@interlock/contracts/http';
import type { CompiledWorkflow } from '@interlock/language';
import type { RefusedStarts } from '@interlock/read-model';
import {
  type AcceptedStart,
  acceptedRun,
  type KnownRun,
  knownRunOf,
  ownStart,
  type ReadModel,
  type Tenant,
  unlessUnavailable,
} from '@interlock/read-model';
import { misfitOf } from '@interlock/schema';
import type { Bearer, CommandAppender, CommandAuthority, DiskReserve } from '@interlock/service';
import { errorsAt } from './misfit.errors.js';
import { Problem, tooLargeInput } from './problem.js';

/** A decision holds at most 512 KB, and the first one of a run repeats its input beside the compiled workflow. */
const START_BYTES_MAX = 480 * 1024;

export interface WorkflowSource {
  /** Also by a short name, where one module alone brings it. */
  named(kind: 'workflow', name: string, version?: number): PublishedArtifact | undefined;
  all(kind: 'workflow'): readonly PublishedArtifact[];
}

/** What a name is short for, where it is for several. */
export function severalIn(workflows: WorkflowSource, name: string): string {
  const meant = namesMeantBy(
    name,
    workflows.all('workflow').map((one) => one.name),
  );
  if (meant.length < 2) return '';
  const sorted = [...meant].sort();
  return ` There are ${sorted.slice(0, -1).join(', ')} and ${sorted.at(-1)}: name the one that is meant.`;
}

/** The request as the log remembers it. */
export interface Received {
  /** When it came, UTC ms. */
  readonly at: number;
  /** The caller's `traceparent`, when it is one. */
  readonly traceparent: string | undefined;
}

interface Starting {
  readonly tenant: Tenant;
  readonly requestHash: string;
  readonly done: Promise<KnownRun>;
}

/** Makes starts of runs durable, each run once. */
export class RunStarter {
  /** Starts on their way to the log, so that two requests at once with one key write one command. */
  readonly #starting = new Map<string, Starting>();

  constructor(
    readonly appender: CommandAppender,
    readonly authority: CommandAuthority,
    readonly readModel: ReadModel,
    readonly workflows: WorkflowSource,
    readonly partitions: number,
    readonly reserve: Pick<DiskReserve, 'requireRoom'>,
    readonly now: () => number,
    readonly refused: Pick<RefusedStarts, 'shown' | 'forget'>,
  ) {}

  /**
   * The run that is started, or was before by the same request. While the read model is unavailable the log alone tells repeats apart:
   * the orchestrator takes the first start of a run and passes over the others.
   * @throws {Problem} unknown workflow, input refused, another request under the same key or runId, log not answering
   */
  async start(
    bearer: Bearer,
    body: StartRunBody,
    key: string | undefined,
    received: Received = { at: this.now(), traceparent: undefined },
  ): Promise<KnownRun & { runId: string }> {
    if (key !== undefined && body.runId !== undefined) {
      throw new Problem(
        'malformed',
        'With an Idempotency-Key the run’s id follows from the key: leave runId out.',
        [{ path: 'runId', message: 'not allowed beside an Idempotency-Key' }],
      );
    }
    const { by } = bearer;
    if (by.tenant === EVERY_TENANT)
      throw new Problem('not-allowed', 'A run belongs to a tenant: start it with a token of that tenant.');
    const named = key === undefined ? body.runId : runIdOfKey(by, key);
    const runId = named ?? randomUUID();
    const { workflow, version, input } = body;
    const requestHash = hashOf({ workflow, ...(version === undefined ? {} : { version }), input });
    if (named !== undefined) {
      const before =
        this.#starting.get(runId) ??
        (await unlessUnavailable(this.readModel.run(runId))) ??
        this.#starting.get(runId);
      if (before !== undefined) {
        const same = this.refused.shown(runId, await sameRequest(before, by, requestHash, key));
        if (same.status !== 'refused') return { runId, ...same };
        this.refused.forget(runId); // The run does not exist: the same request is a new start, with the proof that it carries now.
      }
    }
    await this.reserve.requireRoom();
    const done = this.#append(bearer, { runId, key }, body, requestHash, received);
    this.#starting.set(runId, { requestHash, tenant: by.tenant ?? '', done });
    try {
      return { runId, ...(await done) };
    } finally {
      this.#starting.delete(runId);
    }
  }

  async #append(
    bearer: Bearer,
    { runId, key }: { readonly runId: string; readonly key: string | undefined },
    body: StartRunBody,
    requestHash: string,
    { at, traceparent }: Received,
  ): Promise<KnownRun> {
    const { input } = body;
    const workflow = this.#workflow(body);
    const issuedAt = this.now();
    const start: AcceptedStart = {
      commandId: `${runId}/start`,
      runId,
      by: bearer.by,
      issuedAt,
      workflow,
      input,
      requestHash,
    };
    const meta = { id: start.commandId, run: runId, time: Math.min(at, issuedAt), traceparent };
    const command = { key: runId, wire: StartRun.wire, meta, data: { ...start, salt: newSalt(), key } };
    const record = await this.authority.recordOf(command, 'orchestrator', bearer);
    if ((record.value?.length ?? 0) > START_BYTES_MAX) throw tooLargeInput(START_BYTES_MAX);
    await this.appender.append(runCommands.name, partitionOf(runId, this.partitions), record);
    const row = acceptedRun(start);
    this.readModel.accept(ownStart(row, record.value));
    return knownRunOf(row);
  }

  #workflow({ workflow, version, input }: StartRunBody): AcceptedStart['workflow'] {
    const published = this.workflows.named('workflow', workflow, version);
    if (published === undefined) {
      const named = version === undefined ? workflow : `${workflow}@${version}`;
      throw new Problem(
        'unknown',
        `There is no published workflow ${named}.${severalIn(this.workflows, workflow)}`,
      );
    }
    const { inputSchema } = published.compiled as CompiledWorkflow;
    const misfit = misfitOf(inputSchema, input);
    if (misfit !== undefined) {
      const errors = errorsAt('input', misfit);
      const named = `${published.name}@${published.version}`;
      throw new Problem('refused', `The input does not fit what the workflow ${named} takes.`, errors);
    }
    return { name: published.name, version: published.version, hash: published.hash };
  }
}

async function sameRequest(
  before: KnownRun | Starting,
  by: Identity,
  requestHash: string,
  key: string | undefined,
): Promise<KnownRun> {
  if (before.tenant !== (by.tenant ?? ''))
    throw new Problem('conflict', 'This runId cannot be used. Choose another one, or leave it out.');
  if (before.requestHash !== requestHash) {
    const name = key === undefined ? 'runId' : 'Idempotency-Key';
    throw new Problem('conflict', `This ${name} was used with another body.`);
  }
  return 'done' in before ? before.done : before;
}

/** Of one run: nothing that is derived could be secret from those who know what it is derived from. */
const newSalt = (): string => randomBytes(16).toString('base64url');
