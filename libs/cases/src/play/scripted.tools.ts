import { type Message, ToolRefused, toolEvents } from '@interlock/contracts';
import type { Path } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import type { Answer } from '../case/answer.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import type { ProjectArtifacts } from '../project/project.artifacts.js';
import { authorized, type Decided, isUnapproved, type OpenRequest } from './authorization.js';
import { CaseStopped, shown } from './case.problem.js';
import type { CaseValues } from './case.values.js';
import type { Family } from './family.js';
import { LogReader } from './log.reader.js';
import { saidOf } from './outcomes.js';
import type { Entry, Script } from './script.js';

/** A call that was made, with all of its attempts. */
export interface MadeCall {
  readonly tool: string;
  readonly step: string;
  readonly purpose: 'step' | 'verify' | 'compensate';
  readonly arguments: unknown;
  attempts: number;
}

/** The executor of a case: it waits for what the real one waits for, and answers what the case says. */
export class ScriptedTools {
  readonly made = new Map<string, MadeCall>();
  readonly #open = new Map<string, OpenRequest>();
  readonly #verdicts = new Map<string, Decided>();
  readonly #confirmed = new Map<string, boolean>();
  /** Calls that happened and whose answers do not say what undoes them, with that answer. */
  readonly #cannotBeUndone = new Map<string, Entry<Answer>>();
  readonly #run;
  readonly #policy;
  readonly #approvals;

  constructor(
    private readonly bus: CoreBus,
    private readonly script: Script<Answer>,
    private readonly artifacts: ProjectArtifacts,
    private readonly family: Family,
    /** Of the case in its file. */
    private readonly at: Path,
    private readonly values: CaseValues,
  ) {
    this.#run = new LogReader(bus, 'run.events');
    this.#policy = new LogReader(bus, 'policy.events');
    this.#approvals = new LogReader(bus, 'approval.events');
  }

  /** @throws {CaseStopped} a tool has no answer, or one that it could not give */
  hear(): void {
    for (const { type, data, meta } of this.#run.next()) {
      const { id: requestId, run = this.bus.runId } = meta;
      if (type === 'call.requested') {
        const path = this.family.pathOf(run, data.step);
        const call = this.values.whole(data) as typeof data;
        this.#open.set(requestId, { requestId, run, path, call });
      } else if (type === 'call.revoked') this.#revoke(data.requestId, run);
      else if (type === 'rollback.started') this.#checkUndoing(data.writes);
    }
    for (const message of this.#policy.next())
      if (message.type === 'policy.decided') this.#verdicts.set(message.data.checkId, message.data);
    for (const { type, data } of this.#approvals.next()) {
      if (type === 'approval.confirmed') this.#confirmed.set(data.requestId, true);
      if (type === 'approval.unconfirmed') this.#confirmed.set(data.requestId, false);
    }
    for (const request of [...this.#open.values()]) this.#advance(request);
  }

  #advance(request: OpenRequest): void {
    const next = authorized(request, this.#verdicts, this.#confirmed);
    if (next === 'wait') return;
    this.#open.delete(request.requestId);
    if (next !== 'perform') return;
    if (isUnapproved(request)) this.#refuseUnapproved(request);
    else this.#perform(request);
  }

  #revoke(requestId: string, run: string): void {
    if (!this.#open.delete(requestId)) return;
    this.#say(
      run,
      ToolRefused({ requestId, code: 'revoked', message: 'the run took it back', unsafe: false }),
    );
  }

  #perform(request: OpenRequest): void {
    const { tool, arguments: given, effect, callHash } = request.call;
    const entry = this.script.use({ step: request.path, tool, arguments: given });
    if (entry === undefined) throw this.#unanswered(request);
    const answer = entry.said;
    if (!('refused' in answer)) this.#count(request);
    this.#check(entry, request);
    const written = this.#writtenBy(request);
    if (
      'output' in answer &&
      answer.compensate === undefined &&
      written?.compensate !== undefined &&
      effect === 'write'
    )
      this.#cannotBeUndone.set(callHash, entry);
    for (const { afterMs, message } of saidOf(request, answer, written, this.bus.now))
      this.bus.after(afterMs, () =>
        this.#say(request.run, this.values.said(message, request.call.verifies !== undefined)),
      );
  }

  #refuseUnapproved({ requestId, run }: OpenRequest): void {
    const message = 'a model led to this write, and nobody has approved it';
    this.#say(run, ToolRefused({ requestId, code: 'influenced', message, unsafe: true }));
  }

  #count({ call, path: step }: OpenRequest): void {
    const { callHash, tool, purpose, arguments: given } = call;
    const before = this.made.get(callHash);
    if (before !== undefined) before.attempts += 1;
    else this.made.set(callHash, { tool, step, purpose, arguments: given, attempts: 1 });
  }

  /** The tool whose code says what undoes the outcome. */
  #writtenBy({ call }: OpenRequest) {
    return this.artifacts.tool(call.verifies?.toolHash ?? call.toolHash);
  }

  #check({ said, path }: Entry<Answer>, { call }: OpenRequest): void {
    const manifest = this.artifacts.tool(call.toolHash);
    const ended = 'unknown' in said ? said.late : said;
    if (manifest === undefined || ended === undefined || !('output' in ended)) return;
    const misfit = misfitOf(manifest.output, ended.output);
    const [first] = misfit?.problems ?? [];
    if (first === undefined) return;
    const where = first.path === '' ? '' : `${first.path}: `;
    const advice = 'Answer with failure {class: invalid_output} to see what a run does with it';
    throw new CaseStopped(
      [...path, 'output'],
      `${call.tool} could not give this, by its output schema: ${where}${first.message}. ${advice}`,
    );
  }

  /** The run undoes its writes now, so it has to be known how. */
  #checkUndoing(
    writes: readonly { readonly step: string; readonly tool: string; readonly callHash: string }[],
  ): void {
    for (const { step, tool, callHash } of writes) {
      const entry = this.#cannotBeUndone.get(callHash);
      if (entry === undefined) continue;
      throw new CaseStopped(
        entry.path,
        `the run rolls back, and the answer of ${tool} to ${step} does not say what undoes it: add compensate, the arguments of the compensating call`,
      );
    }
  }

  #unanswered({ path: step, call: { tool, arguments: given } }: OpenRequest): CaseStopped {
    const used = this.script.usedUp({ step, tool, arguments: given });
    const why =
      used.length === 0
        ? `no answer under tools fits: add {tool: ${tool}, output: ...}`
        : `its answers are used up (${used.map(({ uses }) => uses).join(' + ')} times): add another, or raise times`;
    return new CaseStopped([...this.at, 'tools'], `${step} calls ${tool} with ${shown(given)}, and ${why}`);
  }

  #say(run: string, message: Message): void {
    this.bus.say(toolEvents.name, message, { run });
  }
}
