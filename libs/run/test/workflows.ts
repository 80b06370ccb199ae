import { hashOf } from '@interlock/contracts';
import {
  type CompiledApprovalStep,
  type CompiledBody,
  type CompiledBudget,
  type CompiledDecideStep,
  type CompiledForEachStep,
  type CompiledFormStep,
  type CompiledRepeatStep,
  type CompiledStep,
  type CompiledSwitchStep,
  type CompiledToolStep,
  type CompiledWaitStep,
  type CompiledWorkflow,
  everyStepIn,
} from '@interlock/language';

const budget: CompiledBudget = {
  tokens: 100_000,
  costUsd: 10,
  steps: 100,
  toolCalls: 100,
  durationMs: 3_600_000,
};

type Any = { needs?: string[] };
type Extra<Step> = Partial<Omit<Step, 'id' | 'kind'>> & Any;

export const read = (id: string, extra: Extra<CompiledToolStep> = {}): CompiledToolStep => ({
  kind: 'tool',
  id,
  needs: [],
  tool: `${id}.get`,
  version: 1,
  toolHash: `hash of ${id}.get`,
  effect: 'read',
  timeoutMs: 1_000,
  timeout: { attemptMs: 1_000 },
  with: { from: id },
  ...extra,
});

export const write = (id: string, extra: Extra<CompiledToolStep> = {}): CompiledToolStep =>
  read(id, { effect: 'write', recovery: { by: 'idempotency-key' }, ...extra });

export const verifiable = (id: string, extra: Extra<CompiledToolStep> = {}): CompiledToolStep =>
  write(id, {
    recovery: {
      by: 'verify',
      settleAfterMs: 500,
      tool: { name: `${id}.find`, version: 1, toolHash: `hash of ${id}.find`, timeoutMs: 1_000 },
    },
    ...extra,
  });

export const askable = (id: string, extra: Extra<CompiledToolStep> = {}): CompiledToolStep =>
  write(id, { recovery: { by: 'ask-human', settleAfterMs: 500 }, ...extra });

/** A write that `<id>.undo` undoes; how a doubt about that is cleared up is that of `like`. */
export const undoable = (
  id: string,
  extra: Extra<CompiledToolStep> = {},
  like: typeof write = write,
): CompiledToolStep => {
  const { recovery } = like(`${id}.undo`);
  const tool = { name: `${id}.undo`, version: 1, toolHash: `hash of ${id}.undo`, timeoutMs: 1_000 };
  return write(id, { compensate: { tool, recovery: recovery! }, ...extra });
};

export const decide = (
  id: string,
  table: Pick<CompiledDecideStep['table'], 'rules' | 'otherwise'>,
  extra: Extra<CompiledDecideStep> = {},
): CompiledDecideStep => ({
  kind: 'decide',
  id,
  needs: [],
  timeout: {},
  table: { name: `${id}-rules`, version: 1, hash: `hash of ${id}-rules`, ...table },
  ...extra,
});

/** Runs the steps for each item of a list. */
export const forEach = (
  id: string,
  list: CompiledForEachStep['forEach']['in'],
  steps: readonly CompiledStep[],
  {
    output,
    as = 'item',
    concurrency = 10,
    failAfter = { items: 0 },
    ...extra
  }: Extra<CompiledForEachStep> & Partial<CompiledForEachStep['forEach']> & { output?: unknown } = {},
): CompiledForEachStep => ({
  kind: 'forEach',
  id,
  needs: [],
  timeout: {},
  forEach: { in: list, as, concurrency, failAfter },
  body: bodyFrom(steps, output),
  ...extra,
});

/** Runs the steps until the condition holds. */
export const repeat = (
  id: string,
  repeated: CompiledRepeatStep['repeat'],
  steps: readonly CompiledStep[],
  { output, ...extra }: Extra<CompiledRepeatStep> & { output?: unknown } = {},
): CompiledRepeatStep => ({
  kind: 'repeat',
  id,
  needs: [],
  timeout: {},
  repeat: repeated,
  body: bodyFrom(steps, output),
  ...extra,
});

/** Takes the first branch whose condition holds. */
export const switchOn = (
  id: string,
  branches: readonly (readonly [when: string | undefined, steps: readonly CompiledStep[]])[],
  extra: Extra<CompiledSwitchStep> = {},
): CompiledSwitchStep => ({
  kind: 'switch',
  id,
  needs: [],
  timeout: {},
  branches: branches.map(([when, steps]) => ({
    ...(when === undefined ? {} : { when }),
    ...bodyFrom(steps),
  })),
  ...extra,
});

const bodyFrom = (steps: readonly CompiledStep[], output?: unknown): CompiledBody =>
  output === undefined ? { steps } : { steps, output };

export const wait = (
  id: string,
  forWhat: CompiledWaitStep['wait'],
  extra: Extra<CompiledWaitStep> = {},
): CompiledWaitStep => ({ kind: 'wait', id, needs: [], timeout: {}, wait: forWhat, ...extra });

/** Asks `desk` for a city. */
export const form = (
  id: string,
  said: Partial<CompiledFormStep['form']> = {},
  extra: Extra<CompiledFormStep> = {},
): CompiledFormStep => ({
  kind: 'form',
  id,
  needs: [],
  timeout: {},
  form: {
    question: `${id}?`,
    schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    roles: ['desk'],
    expiresAfterMs: 60_000,
    ...said,
  },
  ...extra,
});

export const ask = (
  id: string,
  approval: Partial<CompiledApprovalStep['approval']> = {},
  extra: Extra<CompiledApprovalStep> = {},
): CompiledApprovalStep => ({
  kind: 'approval',
  id,
  needs: [],
  timeout: {},
  approval: { question: `${id}?`, requirement: { kind: 'single', approvers: ['lead'] }, ...approval },
  ...extra,
});

/** Tools that take whatever they are given. */
const anyInputs = (steps: readonly CompiledStep[]): CompiledWorkflow['inputs'] =>
  Object.fromEntries(
    everyStepIn(steps)
      .flatMap((step) => (step.kind === 'agent' ? step.agent.tools : step.kind === 'tool' ? [step] : []))
      .flatMap(({ toolHash, compensate }) => [toolHash, compensate?.tool.toolHash ?? toolHash])
      .map((hash) => [hash, {}]),
  );

/** The budget may be given in part. */
type WorkflowExtra = Partial<Omit<CompiledWorkflow, 'steps' | 'budget'>> & {
  budget?: Partial<CompiledBudget>;
};

export function workflow(steps: readonly CompiledStep[], extra: WorkflowExtra = {}): CompiledWorkflow {
  const form = {
    name: 'test',
    version: 1,
    purpose: 'to be tested',
    inputSchema: {},
    inputs: anyInputs(steps),
    ...extra,
    budget: { ...budget, ...extra.budget },
    steps,
  };
  return { ...form, hash: hashOf(form) };
}
