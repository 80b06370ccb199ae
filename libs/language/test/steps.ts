import type {
  CompiledAgentStep,
  CompiledApprovalStep,
  CompiledDecideStep,
  CompiledOnFailure,
  CompiledStep,
  CompiledTable,
  CompiledToolStep,
  CompiledWaitStep,
} from '../src/index.js';

/* Compiled steps with as little in them as a test wants to say. */

type Table = Pick<CompiledTable, 'rules' | 'otherwise'>;

const pinned = (table: Table): CompiledTable => ({ name: 'rules', version: 1, hash: 'rules', ...table });

export const tool = (
  id: string,
  said: Partial<Pick<CompiledToolStep, 'with' | 'when' | 'effect'>> = {},
  needs: readonly string[] = [],
): CompiledStep => ({
  kind: 'tool',
  id,
  needs,
  tool: `${id}.get`,
  version: 1,
  toolHash: id,
  effect: 'read',
  timeoutMs: 1_000,
  timeout: { attemptMs: 1_000 },
  with: {},
  ...said,
});

export const decide = (
  id: string,
  { table, ...said }: { table: Table; with?: CompiledDecideStep['with'] },
  needs: readonly string[] = [],
): CompiledStep => ({ kind: 'decide', id, needs, timeout: {}, table: pinned(table), ...said });

export const wait = (id: string, what: CompiledWaitStep['wait']): CompiledStep => ({
  kind: 'wait',
  id,
  needs: [],
  timeout: {},
  wait: what,
});

export const ask = (
  id: string,
  said: Partial<CompiledApprovalStep['approval']> = {},
  needs: readonly string[] = [],
): CompiledStep => ({
  kind: 'approval',
  id,
  needs,
  timeout: {},
  approval: { question: `${id}?`, requirement: { kind: 'single', approvers: ['lead'] }, ...said },
});

/** A model may act in it, unless it says otherwise. */
export const agent = (
  id: string,
  {
    baseline = { table: { rules: [] } },
    ...said
  }: Partial<Omit<CompiledAgentStep['agent'], 'baseline'>> & { baseline?: { table: Table } } = {},
  needs: readonly string[] = [],
): CompiledStep => ({
  kind: 'agent',
  id,
  needs,
  timeout: {},
  agent: {
    goal: 'Decide.',
    tools: [],
    budget: { tokens: 1_000, costUsd: 1, steps: 1, toolCalls: 1 },
    reflectRounds: 0,
    minConfidence: 0,
    prompt: { name: 'p', version: 1, hash: 'p' },
    approvers: ['lead'],
    levelMax: 'assisted',
    ...said,
    baseline: { table: pinned(baseline.table) },
  },
});

const failing = (step: CompiledStep, onFailure: CompiledOnFailure): CompiledStep => ({ ...step, onFailure });

export const fallingBackTo = (fallback: string, step: CompiledStep): CompiledStep =>
  failing(step, { do: 'fallback', step: fallback });

export const valueInstead = (step: CompiledStep, value: unknown): CompiledStep =>
  failing(step, { do: 'value', value });
