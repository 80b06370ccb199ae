import type { Input } from '@interlock/actors';
import {
  type MessageOf,
  PlanFailed,
  PlanProposed,
  type PlanRequested,
  PolicyDecided,
  type Proposal,
} from '@interlock/contracts';
import { delivered } from '@interlock/testing';
import { look, mail, pay } from './agent-scenario.js';
import { type RunScenario, runId } from './run-scenario.js';

type Request = MessageOf<typeof PlanRequested>['data'] & { readonly id: string };
type Check = { readonly id: string; readonly planId: string; readonly point: 'before' | 'after' };

const failures = [
  'transient',
  'rate_limited',
  'denied',
  'quota_exhausted',
  'outcome_unknown',
  'timeout',
] as const;

/** Policy and planner before the requests of one run: each is judged once and answered once, in whatever way the dice say. */
export class FakePlanner {
  readonly #answered = new Set<string>();
  readonly #judged = new Set<string>();

  constructor(readonly scenario: () => RunScenario) {}

  #events<T>(type: string): (T & { id: string })[] {
    const { events } = this.scenario();
    return events.filter((event) => event.type === type).map(({ id, data }) => ({ ...(data as T), id }));
  }

  /** Requests that nobody has answered. */
  get requests(): Request[] {
    return this.#events<Request>('plan.requested').filter(({ id }) => !this.#answered.has(id));
  }

  /** What policy was asked about plans, and has not answered. */
  get checks(): Check[] {
    const recorded = this.#events<{ planId: string; asks: boolean }>('plan.recorded').filter(
      ({ asks }) => asks,
    );
    return [
      ...this.#events<object>('plan.requested').map(({ id }) => ({
        id,
        planId: id,
        point: 'before' as const,
      })),
      ...recorded.map(({ id, planId }) => ({ id, planId, point: 'after' as const })),
    ].filter(({ id }) => !this.#judged.has(id));
  }

  /** @param variant 9: no */
  judge({ id: checkId, planId, point }: Check, variant: number): Input {
    this.#judged.add(checkId);
    const isDenied = variant === 9;
    // The planner forgets what policy denies.
    if (isDenied && point === 'before') this.#answered.add(planId);
    const decided = PolicyDecided({
      checkId,
      ...(point === 'after' ? { planId } : {}),
      callHash: '',
      point,
      verdict: isDenied ? 'deny' : 'allow',
      bundle: 'bundle',
      policies: [],
      reason: 'dice',
      inputDigest: '',
      mode: 'enforce',
    });
    return delivered('policy.events', decided, { run: runId });
  }

  /** @param variant 0: an output; from 30 on: failures; in between: calls */
  answer({ id: planId, model, reserved }: Request, variant: number): Input {
    this.#answered.add(planId);
    const about = { planId, model, tookMs: 1 };
    // Also a provider that says it used more than it was allowed.
    const usage =
      variant % 5 === 0 ? undefined : { inputTokens: reserved.tokens * (variant % 3), outputTokens: 3 };
    const used = { ...about, usage, costUsd: variant % 7 === 0 ? 5 : 0.001 };
    const kind = failures[variant % failures.length]!;
    const message =
      variant < 30
        ? PlanProposed({ ...used, proposal: proposalOf(variant) })
        : PlanFailed({
            ...used,
            called: variant % 2 === 0,
            failure: { class: kind, code: kind, message: kind },
          });
    return delivered('plan.events', message, { run: runId });
  }
}

function proposalOf(variant: number): Proposal {
  const tools = [look, pay, mail, 'bank.transfer'];
  const calls = Array.from({ length: variant % 4 }, (_, index) => ({
    tool: tools[(variant + index) % tools.length]!,
    arguments: { of: variant % 6 },
    occurrence: variant % 11 === 0 ? 2 : 1,
  }));
  const said = { confidence: (variant % 10) / 10, reasoning: '', alternatives: [], evidence: [] };
  return variant % 4 === 0 || variant % 7 === 0
    ? { ...said, calls, output: { of: variant } }
    : { ...said, calls };
}
