import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Lower-case hexadecimal sha256. */
export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex');

/** sha256 of the RFC 8785 JSON of `value`: equal for equal values, whatever their key order. */
export function hashOf(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values can be hashed');
  return sha256(text);
}

/** What a vote on a question of the workflow is for: the counterpart of a call's hash. */
export const questionHashOf = (question: {
  readonly runId: string;
  readonly step: string;
  readonly generation: number;
  readonly question: string;
  readonly details: unknown;
}): string => hashOf({ ...question, details: question.details ?? null });

/** What makes two calls the same call: the idempotency key and the subject of approvals. */
export interface CallIdentity {
  readonly runId: string;
  /** Step path with iteration, `resolve` or `items[3].pay`. */
  readonly step: string;
  /** 1, unless an agent means the same write a second time and says so. */
  readonly occurrence: number;
  /** From 1; rises when the earlier call was compensated or known to have failed and retried by a person. */
  readonly generation: number;
  readonly toolHash: string;
  readonly arguments: unknown;
}

/** `callHash` of architecture.md section 5. Each service computes it from the arguments it sees. */
export const callHashOf = ({
  runId,
  step,
  occurrence,
  generation,
  toolHash,
  ...call
}: CallIdentity): string =>
  hashOf({ runId, step, occurrence, generation, toolHash, arguments: call.arguments });

/** What a model is asked: equal for equal questions. Policy and planner compute it from the request they see. */
export interface PlanQuestion {
  /** `provider/name`. */
  readonly model: string;
  readonly promptHash: string;
  readonly goal: string;
  readonly tools: readonly unknown[];
  readonly output?: unknown;
  readonly known: unknown;
}

/** `callHash` of a `plan.requested`. */
export const planHashOf = ({ model, promptHash, goal, tools, output, known }: PlanQuestion): string =>
  hashOf({ model, promptHash, goal, tools, output: output ?? null, known });
