import assert from 'node:assert/strict';
import type { Input } from '@interlock/actors';
import {
  AnswerForm,
  type CallRequested,
  CancelRun,
  CloseRun,
  EraseRun,
  type Failure,
  type MessageOf,
  MigrateRun,
  PauseRun,
  PolicyDecided,
  ReplyToQuestion,
  ResolveStep,
  ResumeRun,
  RetryStep,
  SignalRun,
  SkipStep,
  StartRun,
  type StopNote,
  ToolFailed,
  ToolOutcomeLate,
  ToolOutcomeUnknown,
  ToolRefused,
  ToolSucceeded,
} from '@interlock/contracts';
import type { CompiledStep, CompiledWorkflow } from '@interlock/language';
import { delivered, type Scenario, specification } from '@interlock/testing';
import { type RunActorOptions, type RunState, runActor } from '../src/index.js';
import { isNamed, transitionsIn } from '../src/transitions.js';
import { workflow } from './workflows.js';

export const runId = 'run-1';
export const T0 = 1_000_000;
const by = { sub: 'ada', roles: ['operator'] };
const refOf = ({ name, version, hash }: CompiledWorkflow) => ({ name, version, hash });

export const SALT = 'a-salt-of-128-bits-0_0';

export type RunScenario = Scenario<RunState>;
type RequestedCall = MessageOf<typeof CallRequested>['data'] & { readonly requestId: string };

export const started = (
  compiled: CompiledWorkflow,
  extra: Partial<MessageOf<typeof StartRun>['data']> = {},
): Input =>
  delivered(
    'run.commands',
    StartRun({
      commandId: 'start-1',
      runId,
      by,
      issuedAt: T0,
      workflow: refOf(compiled),
      input: { amount: 5 },
      requestHash: 'request',
      salt: SALT,
      ...extra,
    }),
    { time: T0 },
  );

/** A run of these steps, told from its start. */
export function run(
  steps: readonly CompiledStep[] | CompiledWorkflow,
  options: Partial<RunActorOptions> = {},
): RunScenario {
  const compiled = 'hash' in steps ? (steps as CompiledWorkflow) : workflow(steps as readonly CompiledStep[]);
  return blank(compiled, options).when(started(compiled));
}

export type RunActor = ReturnType<typeof runActor>;

/** @param dressed the same actor, with what is to be seen of it besides */
export function blank(
  compiled: CompiledWorkflow,
  options: Partial<RunActorOptions> = {},
  dressed: (actor: RunActor) => RunActor = (actor) => actor,
): RunScenario {
  const actor = runActor({
    workflow: (hash) => (hash === compiled.hash ? { compiled } : undefined),
    tool: () => ({ costUsd: 0.01 }),
    clockSkewMs: 100,
    ...options,
  });
  return specification(dressed(withinTable(actor)), { key: runId, startsAt: T0 }).given();
}

/** In every scenario, calls make only transitions that the table names. */
function withinTable(actor: RunActor): RunActor {
  return {
    ...actor,
    evolve(state, event, key) {
      const next = actor.evolve(state, event, key);
      for (const transition of transitionsIn(state, event, next)) {
        assert.ok(isNamed(transition), `no table names ${JSON.stringify(transition)}`);
      }
      return next;
    },
  };
}

/** The newest request of a step. */
export function callRequestOf(scenario: RunScenario, step: string): RequestedCall {
  const event = scenario.events.findLast(
    ({ type, data }) => type === 'call.requested' && (data as { step: string }).step === step,
  );
  if (event === undefined) throw new Error(`${step} was never requested`);
  return { ...(event.data as MessageOf<typeof CallRequested>['data']), requestId: event.id };
}

export const about = (scenario: RunScenario, step: string) => {
  const { requestId, callHash } = callRequestOf(scenario, step);
  return { requestId, callHash };
};

export const fromTool = (message: { type: string; data: unknown }): Input =>
  delivered('tool.events', message, { run: runId });

export const succeeded = (scenario: RunScenario, step: string, output: unknown = { of: step }): Input =>
  fromTool(ToolSucceeded({ ...about(scenario, step), output, tookMs: 1 }));

/** What the executor says beside a write's outcome. */
export const undoing = (step: string) => ({
  tool: `${step.split('/').at(-1)}.undo`,
  arguments: { of: step },
});

/** A write succeeds, and its executor says what undoes it. */
export const wrote = (scenario: RunScenario, step: string): Input =>
  fromTool(
    ToolSucceeded({
      ...about(scenario, step),
      output: { of: step },
      compensation: undoing(step),
      tookMs: 1,
    }),
  );

export const failed = (scenario: RunScenario, step: string, failure: Partial<Failure> = {}): Input =>
  fromTool(
    ToolFailed({
      ...about(scenario, step),
      failure: { class: 'transient', code: 'http.503', message: 'busy', ...failure },
      tookMs: 1,
    }),
  );

export const unknown = (scenario: RunScenario, step: string, code?: string): Input =>
  fromTool(
    ToolOutcomeUnknown({
      ...about(scenario, step),
      deadline: scenario.now + 1_000,
      because: 'crash',
      ...(code !== undefined && { code }),
    }),
  );

type RefusalCode = MessageOf<typeof ToolRefused>['data']['code'];
export const refused = (
  scenario: RunScenario,
  step: string,
  code: RefusalCode = 'revoked',
  unsafe = false,
): Input => fromTool(ToolRefused({ ...about(scenario, step), code, message: code, unsafe }));

/** A stop covers its call. */
export const killed = (scenario: RunScenario, step: string, stop: StopNote): Input =>
  fromTool(
    ToolRefused({ ...about(scenario, step), code: 'killed', message: 'stopped', unsafe: false, stop }),
  );

export const late = (requestId: string, callHash: string, output: unknown, step?: string): Input => {
  const undo = step === undefined ? {} : { compensation: undoing(step) };
  return fromTool(ToolOutcomeLate({ requestId, callHash, outcome: { ok: true, output, ...undo } }));
};

export const lateFailure = (requestId: string, callHash: string, failure: Partial<Failure> = {}): Input =>
  fromTool(
    ToolOutcomeLate({
      requestId,
      callHash,
      outcome: { ok: false, failure: { class: 'transient', code: 'late', message: 'late', ...failure } },
    }),
  );

export type Decided = Partial<MessageOf<typeof PolicyDecided>['data']>;

/** The verdict on a check: on what has a hash, before it; or on the outcome of a request, after it. */
export function decided(
  about: { readonly checkId: string } & (
    | { readonly callHash: string }
    | { readonly requestId: string }
    | { readonly planId: string }
  ),
  extra: Decided,
): Input {
  return delivered(
    'policy.events',
    PolicyDecided({
      ...about,
      point: 'callHash' in about ? 'before' : 'after',
      verdict: 'allow',
      bundle: 'bundle',
      policies: ['policy-1'],
      reason: 'because',
      inputDigest: 'digest',
      mode: 'enforce',
      ...extra,
    }),
    { run: runId },
  );
}

/** The verdict on the newest request of a step. */
export const before = (scenario: RunScenario, step: string, extra: Decided = {}): Input => {
  const { requestId, callHash } = callRequestOf(scenario, step);
  return decided({ checkId: requestId, callHash }, extra);
};

/** The verdict on the newest outcome of a step. */
export const after = (scenario: RunScenario, step: string, extra: Decided = {}): Input => {
  const event = scenario.events.findLast(
    ({ data }) =>
      (data as { step?: string }).step === step && (data as { check?: unknown }).check !== undefined,
  );
  if (event === undefined) throw new Error(`no check of ${step} yet`);
  const { requestId } = event.data as { requestId: string };
  return decided({ checkId: event.id, requestId }, extra);
};

export const deny = { verdict: 'deny' } as const;

let commands = 0;
const envelope = (scenario: RunScenario) => {
  commands += 1;
  return {
    commandId: `command-${commands}`,
    runId: scenario.key,
    by,
    issuedAt: scenario.now,
    reason: 'a reason',
  };
};
const fromGateway = (message: { type: string; data: unknown }): Input => delivered('run.commands', message);

export const cancel = (scenario: RunScenario, rollback = false): Input =>
  fromGateway(CancelRun({ ...envelope(scenario), rollback }));
export const pause = (scenario: RunScenario): Input => fromGateway(PauseRun(envelope(scenario)));
export const resume = (scenario: RunScenario): Input => fromGateway(ResumeRun(envelope(scenario)));
/** Takes a run up again that has ended. */
export const resumeFrom = (scenario: RunScenario, from: string): Input =>
  fromGateway(ResumeRun({ ...envelope(scenario), from }));
export const close = (scenario: RunScenario): Input => fromGateway(CloseRun(envelope(scenario)));
export const erase = (scenario: RunScenario): Input => fromGateway(EraseRun(envelope(scenario)));
export const signal = (scenario: RunScenario, name: string, data: unknown = null): Input =>
  fromGateway(SignalRun({ ...envelope(scenario), name, data }));
export const retry = (scenario: RunScenario, step: string): Input =>
  fromGateway(RetryStep({ ...envelope(scenario), step }));
export const skip = (scenario: RunScenario, step: string): Input =>
  fromGateway(SkipStep({ ...envelope(scenario), step }));

/** Lets the run go on as another version says, that its host knows as published. */
export const migrate = (
  scenario: RunScenario,
  version: number,
  map?: Readonly<Record<string, string>>,
): Input =>
  fromGateway(
    MigrateRun({ ...envelope(scenario), version, ...(map === undefined ? {} : { map: { ...map } }) }),
  );

/** Somebody answers the form of a step: dora of the desk, where nothing else is said. */
export const answer = (
  scenario: RunScenario,
  step: string,
  value: unknown,
  said: Partial<MessageOf<typeof AnswerForm>['data']> = {},
): Input =>
  fromGateway(
    AnswerForm({ ...envelope(scenario), by: { sub: 'dora', roles: ['desk'] }, step, value, ...said }),
  );

/** Whom a model has asked answers: carla, where nothing else is said. */
export const reply = (
  scenario: RunScenario,
  said: Partial<MessageOf<typeof ReplyToQuestion>['data']> = {},
): Input => {
  const { reason: _, ...given } = envelope(scenario);
  const question = scenario.last('question.asked').id;
  const by = { sub: 'carla', roles: [] };
  return fromGateway(ReplyToQuestion({ ...given, by, question, text: 'Size 42', ...said }));
};

export const resolve = (
  scenario: RunScenario,
  step: string,
  said: { happened: true; output?: unknown } | { happened: false },
): Input => fromGateway(ResolveStep({ ...envelope(scenario), step, ...said }));

/** The same for a write that can be undone. */
export function performWrite(scenario: RunScenario, step: string): RunScenario {
  return scenario.when(before(scenario, step)).when(wrote(scenario, step)).when(after(scenario, step));
}

/** Allows a step's call, lets it succeed, and allows its outcome. */
export function perform(scenario: RunScenario, step: string, output: unknown = { of: step }): RunScenario {
  return scenario
    .when(before(scenario, step))
    .when(succeeded(scenario, step, output))
    .when(after(scenario, step));
}
