import type {
  CompiledBudget,
  CompiledEscalation,
  CompiledRetry,
  CompiledRunSla,
  OnExhausted,
} from './compiled.step.js';
import type { CompiledStep } from './step/index.js';

export type * from './compiled.step.js';
export type { CompiledStep };

/**
 * A workflow with everything it starts from pinned: plain JSON, embedded in `run.started`, so that the run's own log
 * rebuilds it. Templates and CEL stay text; they were checked when it was compiled. All durations are milliseconds.
 */
export interface CompiledWorkflow {
  readonly name: string;
  readonly version: number;
  /** sha256 of the RFC 8785 JSON of all other fields: document, pinned tools and tables. */
  readonly hash: string;
  readonly purpose: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** Template. Absent: every step's output by its id. */
  readonly output?: unknown;
  /** CEL over `output`, `input`, `steps`, `run`. Absent: every step completed or skipped. */
  readonly success?: string;
  /** JSON Schema of what each tool takes that may be called, to act or to undo, by the tool's hash. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly budget: CompiledBudget;
  /** How calls are made again where their step says nothing else. Absent: it was published when five attempts were all. */
  readonly retry?: CompiledRetry;
  /** Absent: what the server says. */
  readonly onExhausted?: OnExhausted;
  /** Absent: any operator. */
  readonly escalation?: CompiledEscalation;
  /** Absent: its steps alone may have times. */
  readonly sla?: CompiledRunSla;
  /** In an order in which each step comes after all that it needs, and a fallback after the step that it replaces. */
  readonly steps: readonly CompiledStep[];
  /** What runs of it are found by, by name. Absent: nothing. */
  readonly search?: Readonly<Record<string, CompiledSearchField>>;
  /** Agent steps whose models can influence the output. Absent: none. */
  readonly outcomeInfluencedBy?: readonly string[];
}

/** The type of a value that runs are found by. */
export type SearchType = 'string' | 'number' | 'boolean' | 'timestamp';

export interface CompiledSearchField {
  /** CEL; it has no value before the steps that it names have one. */
  readonly value: string;
  readonly type: SearchType;
}
