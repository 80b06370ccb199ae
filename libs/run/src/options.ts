import { type AutonomyLevel, COMMAND_WINDOW_MS, type ValuesAtHand } from '@interlock/contracts';
import type { CompiledWorkflow, OnExhausted } from '@interlock/language';
import type { JsonSchema } from '@interlock/schema';

/** Which models may act in agent steps, and how far. */
export interface AgentSettings {
  /** At most; the document of a step may say less. */
  readonly level: AutonomyLevel;
  /** `provider/name`. Without one rules act. */
  readonly model?: string | undefined;
  /** Asked when `model` cannot answer. */
  readonly fallbackModel?: string | undefined;
  /** How long one request may take. */
  readonly timeoutMs: number;
  /** The most one request may use, its answer included. */
  readonly tokensMax: number;
  /** The most one request may cost, USD. Absent: all that is left is reserved for it, as its price is not known. */
  readonly costUsdMax?: number | undefined;
}

const rulesOnly: AgentSettings = { level: 'baseline', timeoutMs: 60_000, tokensMax: 100_000 };

export interface KnownTool {
  readonly costUsd: number;
  /** JSON Schema of what it gives. Absent: anything. */
  readonly output?: JsonSchema;
}

/** Of the values that are kept outside of the log. */
export interface ValueSettings {
  readonly atHand: ValuesAtHand;
  /** A larger output leaves the log, bytes of JSON. */
  readonly inlineBytesMax: number;
  /** The largest that is kept. */
  readonly valueBytesMax: number;
  /** Of all that one decision reads. */
  readonly readBytesMax: number;
  /** Of all that a run keeps. */
  readonly runBytesMax: number;
}

/** What the run actor knows besides its log: artifacts this process has read, and bounds. */
export interface RunActorOptions {
  /** A published workflow by its hash; undefined: not read yet, or never published. */
  workflow(hash: string): { readonly compiled?: unknown } | undefined;
  /** The same by its name and version. Absent: no run is migrated. */
  published?(name: string, version: number): CompiledWorkflow | undefined;
  /** A published tool by its hash: what one call costs, and what it gives. Unknown costs count as nothing. */
  tool?(hash: string): KnownTool | undefined;
  readonly agents?: AgentSettings;
  /** Absent: nothing is kept outside of the log. */
  readonly values?: ValueSettings | undefined;
  /** Whether the stop with this number is lifted, as far as this process has read. */
  isLifted?(stop: number): boolean;
  /** How long a request waits for its verdicts before the executor refuses it. */
  readonly notAfterMs?: number;
  /** Bound on the difference between two clocks, added to waits for another host's deadline. */
  readonly clockSkewMs?: number;
  /** A command issued longer ago is refused. */
  readonly commandWindowMs?: number;
  /**
   * Turns of bodies that one run has open at a time, and the steps that stand in them. Beyond either a body waits with its next turn until
   * one has ended. Where a single turn holds more than that, it is open alone.
   */
  readonly openTurnsMax?: number;
  readonly openStepsMax?: number;
  /** How long a start waits for a workflow that this process has not read. It goes on earlier when its host is woken. */
  readonly artifactWaitMs?: number;
  /** What becomes of a step whose retries have not helped, where neither it nor its workflow says so. */
  readonly onExhausted?: OnExhausted;
  /** How long a run that has failed keeps what it takes to go on; 0: it never does. */
  readonly resumeWithinMs?: number;
}

export type Settings = Required<Omit<RunActorOptions, 'values'>> & Pick<RunActorOptions, 'values'>;

export const settingsOf = (options: RunActorOptions): Settings => ({
  workflow: (hash) => options.workflow(hash),
  published: (name, version) => options.published?.(name, version),
  tool: (hash) => options.tool?.(hash),
  agents: options.agents ?? rulesOnly,
  values: options.values,
  isLifted: (stop) => options.isLifted?.(stop) ?? false,
  notAfterMs: options.notAfterMs ?? 60_000,
  clockSkewMs: options.clockSkewMs ?? 5_000,
  commandWindowMs: options.commandWindowMs ?? COMMAND_WINDOW_MS,
  openTurnsMax: options.openTurnsMax ?? 2_000,
  openStepsMax: options.openStepsMax ?? 10_000,
  artifactWaitMs: options.artifactWaitMs ?? 30_000,
  onExhausted: options.onExhausted ?? 'fail',
  resumeWithinMs: options.resumeWithinMs ?? 14 * 86_400_000,
});
