import {
  AuthorityRefusedError,
  type Credential,
  checkSigned,
  type Secrets,
  SIGNING_KEY_CHARS_MIN,
  type SignedRequest,
  signingKeyIn,
  webhookOf,
} from '@interlock/authority';
import {
  type Identity,
  type PublishedArtifact,
  parseDuration,
  TRIGGER_BODY_BYTES_MAX,
  triggerDocument,
  triggerIdentity,
} from '@interlock/contracts';
import { type Run, startRunBody } from '@interlock/contracts/http';
import {
  ExpressionError,
  eventIn,
  TopicEventError,
  type TopicPlace,
  type TopicRecord,
  type Triggered,
  triggered,
} from '@interlock/language';
import { type KnownRun, type Reach, shownRun } from '@interlock/read-model';
import { notReady, Problem, refusedAs, tooLargeInput } from './problem.js';
import type { RunCommander } from './run.commander.js';
import type { RunStarter } from './run.starter.js';

/** What came of an event. */
export type Fired =
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'started'; readonly runId: string }
  | { readonly outcome: 'signalled' | 'answered'; readonly runId: string; readonly commandId: string };

export interface TriggerSource {
  get(kind: 'trigger', name: string): PublishedArtifact | undefined;
}

/** Finds a run, also one that another gateway has just accepted. */
export interface RunSource {
  find(runId: string, reach: Reach): Promise<KnownRun>;
}

/** A record in a topic of others, and where it stands. */
export interface FoundRecord extends TopicRecord, TopicPlace {
  readonly topic: string;
}

/** Lets other systems start and tell runs, by signed requests, and by records in topics of theirs. */
export class TriggerFirer {
  constructor(
    readonly triggers: TriggerSource,
    readonly starter: Pick<RunStarter, 'start'>,
    readonly commander: Pick<RunCommander, 'command'>,
    readonly runs: RunSource,
    readonly secrets: Secrets,
    readonly now: () => number,
  ) {}

  /**
   * @param event the body, parsed
   * @param known called with whom the event acts for, once that is proven
   * @throws {Problem} unknown trigger, not signed, an expression fails on it, or what it starts or tells is refused
   */
  async fire(
    name: string,
    request: SignedRequest,
    event: unknown,
    known: (by: Identity) => void,
  ): Promise<Fired> {
    const artifact = this.triggers.get('trigger', name);
    const document = artifact && triggerDocument.parse(artifact.document);
    if (artifact === undefined || document?.enabled !== true || document.secret === undefined)
      throw new Problem('unknown', 'There is no such trigger.');
    const key = signingKeyIn(this.secrets, document.secret);
    if (key === undefined)
      throw notReady(
        `The key of the trigger is not set here: ${document.secret}, of at least ${SIGNING_KEY_CHARS_MIN} characters.`,
        60,
      );
    this.#check(request, key, parseDuration(document.window) ?? 0);
    const by = triggerIdentity(artifact.by, document.tenant);
    known(by);
    if (request.body.byteLength > TRIGGER_BODY_BYTES_MAX) throw tooLargeInput(TRIGGER_BODY_BYTES_MAX);
    const what = this.#evaluate(() => triggered(name, document, event, request.id));
    const credential = { webhook: webhookOf(request, artifact) };
    return this.#do(what, { by, credential }, name);
  }

  /**
   * What a record leads to. Repeats lead to nothing more.
   * @throws {Problem} the trigger does not read this topic (any more); no expression can be asked of it, or what it starts or tells is refused
   */
  async take(name: string, { topic, partition, offset, ...record }: FoundRecord): Promise<Fired> {
    const artifact = this.triggers.get('trigger', name);
    const document = artifact && triggerDocument.parse(artifact.document);
    if (artifact === undefined || document?.topic?.name !== topic || !document.enabled)
      throw new TriggerLeftError(name);
    const { topic: source } = document;
    const place = { partition, offset };
    const what = this.#evaluate((): Triggered => {
      const read = eventIn(source, record, place);
      return read === undefined
        ? { kind: 'ignored' }
        : triggered(artifact.name, document, read.event, read.id);
    });
    const by = triggerIdentity(artifact.by, document.tenant);
    const { version } = artifact;
    const credential = { topic: { trigger: artifact.name, version, name: topic, ...place } };
    return this.#do(what, { by, credential }, artifact.name);
  }

  async #do(what: Triggered, bearer: { by: Identity; credential: Credential }, name: string): Promise<Fired> {
    switch (what.kind) {
      case 'ignored':
        return { outcome: 'ignored' };
      case 'start': {
        const { workflow, version, input, key } = what;
        const body = startRunBody.parse({ workflow, ...(version !== undefined && { version }), input });
        const { runId } = await this.starter.start(bearer, body, key);
        return { outcome: 'started', runId };
      }
      case 'signal': {
        const { runId, name: signal, data, key } = what;
        const run = await this.#runOf(runId, bearer.by);
        const body = { type: 'signal', name: signal, data, reason: triggerReason(name) } as const;
        const commandId = await this.commander.command(bearer, run, body, key);
        return { outcome: 'signalled', runId, commandId };
      }
      case 'answer': {
        const { runId, question, text, key } = what;
        const run = await this.#runOf(runId, bearer.by);
        const commandId = await this.commander.command(bearer, run, { type: 'reply', question, text }, key);
        return { outcome: 'answered', runId, commandId };
      }
    }
  }

  /**
   * Nothing belongs to the tenant `*`, though it reaches everything.
   * @throws {Problem} unknown, or of another tenant; not-ready
   */
  async #runOf(runId: string, { tenant = '' }: Identity): Promise<Run> {
    const run = await this.runs.find(runId, tenant);
    if (run.tenant !== tenant) throw new Problem('unknown', 'There is no such run.');
    return shownRun(run);
  }

  #check(request: SignedRequest, key: string, windowMs: number): void {
    try {
      checkSigned(request, key, this.now(), windowMs);
    } catch (error) {
      if (!(error instanceof AuthorityRefusedError)) throw error;
      throw refusedAs('no-identity', error.code, error.message);
    }
  }

  #evaluate(work: () => Triggered): Triggered {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ExpressionError || error instanceof TopicEventError)) throw error;
      throw new Problem('refused', `The trigger cannot be evaluated on this event: ${error.message}`);
    }
  }
}

export const triggerReason = (name: string): string => `Trigger ${name}.`;

/** The trigger is gone, switched off, or reads something else: whoever reads for it stops. */
export class TriggerLeftError extends Error {
  constructor(name: string) {
    super(`the trigger ${name} does not read this topic any more`);
    this.name = 'TriggerLeftError';
  }
}
