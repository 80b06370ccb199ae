import { hash } from 'node:crypto';
import { canonicalJson } from './canonical.json.js';

/** Lower-case hexadecimal sha256. */
export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex');

/** sha256 of the RFC 8785 JSON of `value`: equal for equal values, whatever their key order. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value));

/** What makes two calls the same call: the idempotency key and the subject of approvals. */
export interface HashedCall {
  readonly runId: string;
  /** Path of the step: `resolve`, `lines[3]/pay`. */
  readonly path: string;
  /** 1, unless an agent means the same write a second time and says so. */
  readonly occurrence: number;
  /** From 1; rises when the earlier call was compensated or known to have failed and retried by a person. */
  readonly generation: number;
  readonly toolHash: string;
  /** Of the run. Without it, whoever sees the hash could find the arguments by trying likely ones. */
  readonly salt: string;
  readonly arguments: unknown;
}

/** `callHash` of architecture.md section 5. Each service computes it from the arguments and the salt it sees. */
export const callHashOf = (call: HashedCall): string => hashOf(pickCall(call));

/** Exactly what the hash covers: sha256 of its RFC 8785 JSON is the hash. */
const pickCall = ({
  runId,
  path,
  occurrence,
  generation,
  toolHash,
  salt,
  ...call
}: HashedCall): HashedCall => ({
  runId,
  path,
  occurrence,
  generation,
  toolHash,
  salt,
  arguments: call.arguments,
});

/** In an event what is kept outside of the log is not in its place. */
type SaidOfCall = { readonly step: string; readonly arguments?: unknown };

/** What the hash of a call request covers, or of a request to people for that call. Arguments kept outside of the log: their reference. */
export const hashedCallOf = (
  runId: string,
  { step, ...call }: Omit<HashedCall, 'runId' | 'path' | 'arguments'> & SaidOfCall,
): HashedCall => pickCall({ ...call, runId, path: step, arguments: call.arguments });

/** What a vote on a question of the workflow is for: the counterpart of a call. */
export interface HashedQuestion {
  readonly runId: string;
  readonly path: string;
  readonly generation: number;
  readonly salt: string;
  readonly question: string;
  /** `null` when there are none. */
  readonly details: unknown;
}

export const questionHashOf = ({
  runId,
  path,
  generation,
  salt,
  question,
  details,
}: HashedQuestion): string => hashOf({ runId, path, generation, salt, question, details: details ?? null });

/** What a model is asked: equal for equal questions. Policy and planner compute it from the request they see. */
export interface PlanQuestion {
  /** `provider/name`. */
  readonly model: string;
  readonly promptHash: string;
  readonly goal: string;
  readonly tools: readonly unknown[];
  readonly output?: unknown;
  /** Absent: it may ask nobody. */
  readonly ask?: unknown;
  readonly known: unknown;
  /** Of the run; never told to the model. */
  readonly salt: string;
}

/** `callHash` of a `plan.requested`. */
export const planHashOf = ({
  model,
  promptHash,
  goal,
  tools,
  output,
  ask,
  known,
  salt,
}: PlanQuestion): string =>
  hashOf({
    model,
    promptHash,
    goal,
    tools,
    output: output ?? null,
    ...(ask === undefined ? {} : { ask }),
    known,
    salt,
  });
