import { type Effect, type Performing, type Scheduler, Slots } from '@interlock/actors';
import {
  type Clock,
  type CodedFailure,
  type CodeOf,
  RAW_CHARS_MAX,
  type Standing,
  type Stops,
  type Usage,
} from '@interlock/contracts';
import type { EgressGuard } from '@interlock/egress';
import { believedUsage } from './answer/believed.usage.js';
import { answerOf, isProposal } from './answer/completion.js';
import { brokenOf } from './answer/failures.js';
import { type Asking, ask, type Exchange } from './model/model.client.js';
import type { ModelRequest } from './model/model.metrics.js';
import type { Model, Models } from './model/models.js';
import { withoutKey } from './model/without.key.js';
import type { PlanEffect, PlanResult } from './plan.effect.js';
import { costOf, type PromptParts, promptTokensMax } from './request/reservation.js';
import { stoppedFailure } from './stops.js';

export interface PlanRunnerOptions {
  readonly models: Models;
  /** The way to them. */
  readonly egress: EgressGuard;
  readonly stops: Stops;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Requests at a time in this process. */
  readonly concurrencyMax: number;
  /** Is called with every request that went out. */
  readonly observe: (request: ModelRequest) => void;
  /** For people; facts hold neither prompt nor answer. */
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

const STOPS_ASKED_EVERY_MS = 50;

type Body = PromptParts & { readonly max_completion_tokens?: number; readonly max_tokens?: number };

/** Asks models: the only place where data leaves for one. One request, one result; never rejects. */
export class PlanRunner {
  readonly #options: PlanRunnerOptions;
  readonly #slots: Slots;

  constructor(options: PlanRunnerOptions) {
    this.#options = options;
    this.#slots = new Slots(options.concurrencyMax);
  }

  readonly perform = async (effect: Effect, performing: Performing): Promise<void> => {
    const plan = effect.data as PlanEffect;
    const { clock, scheduler, log } = this.#options;
    const startedAt = clock.now();
    const limit = new AbortController();
    const cancelLimit = scheduler.after(Math.max(0, plan.deadline - startedAt), () => limit.abort());
    const ended = AbortSignal.any([performing.signal, limit.signal]);
    try {
      const outcome = await this.#resultOf(plan, performing.signal, ended);
      const result: PlanResult = { tookMs: clock.now() - startedAt, ...outcome };
      const { model, planId } = plan;
      const code = result.outcome.kind === 'failed' ? result.outcome.failure.code : undefined;
      log(code === undefined ? 'a model has answered' : 'a model gave no plan', {
        planId,
        model,
        tookMs: result.tookMs,
        ...(code !== undefined && { code }),
        ...(result.usage && { usage: result.usage }),
      });
      performing.result(result);
    } finally {
      cancelLimit();
    }
  };

  async #resultOf(plan: PlanEffect, stopped: AbortSignal, ended: AbortSignal): Promise<Outcome> {
    const model = this.#options.models.get(plan.model);
    if (model === undefined) return notCalled('planner.unknown_model', 'unauthorized');
    const free = await this.#slots.acquire(ended);
    try {
      if (free === undefined) return notCalled('planner.no_turn', 'timeout');
      // Right before anything leaves: this process may have been suspended since.
      const halted = stoppedOutcome(await this.#standing(plan, ended));
      if (halted !== undefined) return halted;
      const timeoutMs = plan.deadline - this.#options.clock.now();
      if (timeoutMs <= 0) return notCalled('planner.no_turn', 'timeout');
      const { egress } = this.#options;
      const result = await this.#ask(plan, model, { egress, timeoutMs, signal: stopped });
      return withoutKey(result, model.key);
    } finally {
      free?.();
    }
  }

  async #ask(plan: PlanEffect, model: Model, asking: Asking): Promise<Outcome> {
    const { clock, observe } = this.#options;
    const from = clock.now();
    const result = outcomeOf(await ask(model, plan.body, asking), model, plan.body as Body);
    const { outcome, usage } = result;
    const error = outcome.kind === 'failed' ? outcome.failure.class : undefined;
    observe({ model: plan.model, url: model.url, tookMs: clock.now() - from, usage, error });
    return result;
  }

  /** Whether a stop applies. `unknown`: it was not known in time, which happens on a busy machine. */
  async #standing({ stoppable }: PlanEffect, ended: AbortSignal): Promise<Standing> {
    const { stops, scheduler } = this.#options;
    for (;;) {
      const standing = stops.standing(stoppable);
      if (standing.kind !== 'unknown' || ended.aborted) return standing;
      await new Promise<void>((resolve) => void scheduler.after(STOPS_ASKED_EVERY_MS, resolve));
    }
  }
}

type Outcome = Omit<PlanResult, 'tookMs'>;

/** It may have waited for its turn since it was allowed. */
function stoppedOutcome(standing: Standing): Outcome | undefined {
  switch (standing.kind) {
    case 'free':
      return undefined;
    case 'unknown':
      return notCalled('planner.stops_unknown', 'timeout');
    case 'stopped':
      return {
        outcome: { kind: 'failed', called: false, failure: stoppedFailure(standing.by), stop: standing.by },
      };
  }
}

const notCalled = (code: CodeOf<'model'>, kind: 'unauthorized' | 'timeout'): Outcome => ({
  outcome: {
    kind: 'failed',
    called: false,
    failure: { class: kind, code, message: 'no model was asked' },
  },
});

/** What an exchange comes to: believed usage, its price, the raw answer, and a proposal or a failure. */
export function outcomeOf(exchange: Exchange, { prices }: Pick<Model, 'prices'>, body: Body): Outcome {
  const raw = 'text' in exchange && exchange.text !== '' ? { raw: rawOf(exchange.text) } : {};
  if (exchange.kind !== 'answered') {
    const { failure, called, usedNothing } = brokenOf(exchange);
    return { outcome: { kind: 'failed', failure, called }, ...(usedNothing ? noUse : {}), ...raw };
  }
  const functions = namesOf(body);
  const { outcome, usage: reported, isError } = answerOf(exchange.text, functions);
  const usage = believedUsage(reported, {
    promptTokensMax: promptTokensMax(body),
    answerTokensMax: body.max_completion_tokens ?? body.max_tokens ?? 0,
  });
  const nothing = isError === true && reported === undefined ? noUse : {};
  const used = usage === undefined ? nothing : { usage, costUsd: priceOf(usage, prices) };
  return isProposal(outcome)
    ? { outcome: { kind: 'proposed', proposal: outcome }, ...used, ...raw }
    : { outcome: failedCall(outcome), ...used, ...raw };
}

const noUse = { usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0 };

const failedCall = (failure: CodedFailure) => ({ kind: 'failed' as const, failure, called: true });

const priceOf = ({ inputTokens, outputTokens }: Usage, prices: Model['prices']): number =>
  costOf(prices, inputTokens, outputTokens);

const rawOf = (text: string): string => text.slice(0, RAW_CHARS_MAX).toWellFormed();

const namesOf = ({ tools = [] }: Body): ReadonlySet<string> =>
  new Set((tools as readonly { function: { name: string } }[]).map((tool) => tool.function.name));
