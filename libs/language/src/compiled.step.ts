import type { ApprovalRequirement, BreachAction, QuestionChannel } from '@interlock/contracts';
import type { TableRule } from './table.schema.js';

export interface CompiledBudget {
  readonly tokens: number;
  readonly costUsd: number;
  readonly steps: number;
  readonly toolCalls: number;
  readonly durationMs: number;
  /** Of single tools, by their names. Absent: no other bound. */
  readonly calls?: Readonly<Record<string, number>>;
}

/** When a step should be done. */
export interface CompiledSla {
  /** From its start. */
  readonly withinMs: number;
  /** Absent: what the workflow says, or `notify`. */
  readonly onBreach?: BreachAction;
}

/** When the run should be done. */
export interface CompiledRunSla {
  /** From its start. Absent: only its steps have times. */
  readonly completeMs?: number;
  /** Also of steps that say nothing else. */
  readonly onBreach: Exclude<BreachAction, 'fallback'>;
}

/** Who is to look at what waits for an operator: roles. */
export interface CompiledEscalation {
  readonly to: readonly string[];
  /** Others too, when it has waited so long. */
  readonly rises?: { readonly afterMs: number; readonly to: readonly string[] };
}

/** What the compiled form of every step says. */
export interface AnyCompiledStep {
  readonly kind: string;
  readonly id: string;
  readonly needs: readonly string[];
  /** CEL; the step is skipped when it is false. */
  readonly when?: string;
  readonly timeout: { readonly attemptMs?: number; readonly totalMs?: number };
  readonly retry?: CompiledRetry;
  /** Absent: what the failure's class says. */
  readonly onFailure?: CompiledOnFailure;
  /** Absent: what the workflow says. */
  readonly onExhausted?: OnExhausted;
  readonly sla?: CompiledSla;
  readonly pivot?: true;
  /** Started only by another step's `onFailure`. */
  readonly fallbackOnly?: true;
  /** Agent steps whose models can influence its input, its condition, or whether it runs. Absent: none. */
  readonly influencedBy?: readonly string[];
}

export interface CompiledToolStep extends AnyCompiledStep {
  readonly kind: 'tool';
  readonly tool: string;
  readonly version: number;
  readonly toolHash: string;
  readonly effect: 'read' | 'write';
  /** The tool's own; `timeout.attemptMs` is the step's, and defaults to it. */
  readonly timeoutMs: number;
  readonly timeout: { readonly attemptMs: number; readonly totalMs?: number };
  /** Always there for a write. */
  readonly recovery?: CompiledRecovery;
  /** The write that undoes this one. Absent: what it did stands. */
  readonly compensate?: CompiledCompensation;
  /** Template of the arguments. */
  readonly with: Readonly<Record<string, unknown>>;
}

export type CompiledRecovery =
  | { readonly by: 'idempotency-key' }
  | { readonly by: 'verify'; readonly settleAfterMs: number; readonly tool: ToolPin }
  | { readonly by: 'ask-human'; readonly settleAfterMs: number };

export interface CompiledCompensation {
  readonly tool: ToolPin;
  readonly recovery: CompiledRecovery;
}

export interface ToolPin {
  readonly name: string;
  readonly version: number;
  readonly toolHash: string;
  readonly timeoutMs: number;
}

export interface CompiledTable {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly rules: readonly TableRule[];
  readonly otherwise?: unknown;
}

export interface CompiledDecideStep extends AnyCompiledStep {
  readonly kind: 'decide';
  readonly table: CompiledTable;
  /** Template of what the rules see as `input`. Absent: the run's input. */
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface CompiledWaitStep extends AnyCompiledStep {
  readonly kind: 'wait';
  readonly wait:
    | { readonly forMs: number }
    /** Template; gives an instant in ISO 8601. */
    | { readonly until: string }
    | { readonly signal: string; readonly deadlineMs: number };
}

export interface CompiledApprovalStep extends AnyCompiledStep {
  readonly kind: 'approval';
  readonly approval: {
    /** Template of a text. */
    readonly question: string;
    /** Template. */
    readonly details?: Readonly<Record<string, unknown>>;
    readonly requirement: ApprovalRequirement;
  };
}

/** Asks people to fill something in. */
export interface CompiledFormStep extends AnyCompiledStep {
  readonly kind: 'form';
  readonly form: {
    /** Template of a text. */
    readonly question: string;
    /** Template. */
    readonly details?: Readonly<Record<string, unknown>>;
    /** JSON Schema of the answer, which the step gives. */
    readonly schema: Readonly<Record<string, unknown>>;
    /** Any of which may answer. */
    readonly roles: readonly string[];
    readonly expiresAfterMs: number;
  };
}

/** What a call of a step needs to be made, retried, recovered and undone. */
export type CompiledCall = Pick<
  CompiledToolStep,
  'tool' | 'version' | 'toolHash' | 'effect' | 'timeoutMs' | 'timeout' | 'recovery' | 'compensate'
>;

export interface CompiledAgentStep extends AnyCompiledStep {
  readonly kind: 'agent';
  readonly agent: {
    /** Template of a text. */
    readonly goal: string;
    /** What a model may propose to call, and nothing else. */
    readonly tools: readonly CompiledCall[];
    /** JSON Schema of what the step gives, from a model or from the baseline. */
    readonly output?: Readonly<Record<string, unknown>>;
    /** Template of what the model is told. Absent: the run's input, and the outputs of the steps it needs. */
    readonly facts?: Readonly<Record<string, unknown>>;
    /** Inside the run's own; `steps` are rounds. */
    readonly budget: Omit<CompiledBudget, 'durationMs'>;
    readonly reflectRounds: number;
    /** Below it the baseline acts. */
    readonly minConfidence: number;
    readonly baseline: {
      readonly table: CompiledTable;
      readonly with?: Readonly<Record<string, unknown>>;
    };
    readonly prompt: { readonly name: string; readonly version: number; readonly hash: string };
    /** Roles that approve what a model does at the level `assisted`. */
    readonly approvers: readonly string[];
    /** The highest level at which it may run, whatever is configured. */
    readonly levelMax: 'baseline' | 'shadow' | 'assisted';
    /** Its model may ask whom the step serves. */
    readonly ask?: {
      /** Template of a text: the subject of a person. */
      readonly to: string;
      readonly channel: QuestionChannel;
      readonly withinMs: number;
      /** Questions at most. */
      readonly max: number;
    };
    /** People approve what its model reads, too. */
    readonly reads?: 'asked';
  };
}

/** Starts a run of another workflow. */
export interface CompiledChildStep extends AnyCompiledStep {
  readonly kind: 'workflow';
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  /** Template of its input. */
  readonly with: Readonly<Record<string, unknown>>;
  readonly detached?: true;
  /** The most that the child may use, if its parent has as much left. */
  readonly budget: CompiledBudget;
  /** A model may act in it, or in a run that it starts. */
  readonly mayAct?: true;
  /** Runs that then stand one below the other, the child included. */
  readonly depth: number;
}

/** Steps that run together, as often as the step says whose body they are. */
export interface CompiledBody {
  /** In an order in which each comes after all that it needs, and a fallback after the step that it replaces. */
  readonly steps: readonly AnyCompiledStep[];
  /** Template of what one turn gives. Absent: the output of every step by its id. */
  readonly output?: unknown;
}

export interface CompiledForEachStep extends AnyCompiledStep {
  readonly kind: 'forEach';
  readonly forEach: {
    /** Template of a list. */
    readonly in: unknown;
    /** The name of the item in expressions of the body. */
    readonly as: string;
    readonly concurrency: number;
    /** More failed items than this fail the step: a number of them, or a share of all, 0 to 1. */
    readonly failAfter: { readonly items: number } | { readonly share: number };
  };
  readonly body: CompiledBody;
}

export interface CompiledRepeatStep extends AnyCompiledStep {
  readonly kind: 'repeat';
  readonly repeat: {
    /** CEL over the steps of the pass that has ended. */
    readonly until: string;
    readonly max: number;
    readonly everyMs?: number;
  };
  readonly body: CompiledBody;
}

export interface CompiledSwitchStep extends AnyCompiledStep {
  readonly kind: 'switch';
  /** The first whose condition holds is taken; the one without a condition always is. */
  readonly branches: readonly (CompiledBody & { readonly when?: string })[];
}

export interface CompiledRetry {
  readonly transient?: CompiledBackoff;
  readonly timeout?: CompiledBackoff;
  readonly rate_limited?: {
    readonly maxWaitMs?: number;
    /** In total, the first included. */
    readonly calls?: number;
  };
}

export interface CompiledBackoff {
  /** In total, the first included. */
  readonly attempts?: number;
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** It goes on for so long from the first failure on. Absent: the attempts alone bound it. */
  readonly forMs?: number;
}

/** What becomes of a step whose retries have not helped, where it says no way on. */
export type OnExhausted = 'park' | 'fail';

export type CompiledOnFailure =
  | { readonly do: 'fallback'; readonly step: string }
  | { readonly do: 'value'; readonly value: unknown }
  | { readonly do: 'escalate' }
  | { readonly do: 'fail' };
