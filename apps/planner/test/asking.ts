import type { Performing } from '@interlock/actors';
import { PlanFailed, PlanProposed, type Standing } from '@interlock/contracts';
import { wallClock } from '@interlock/service';
import { expect } from 'vitest';
import { type ModelServer, type Script, startModelServer } from '../../../test/models/model.server.ts';
import type { PlanRequest } from '../src/deferred-plans.js';
import { egressTo } from '../src/model/model.fetch.js';
import type { ModelRequest } from '../src/model/model.metrics.js';
import { answerOf, type PlanEffect, type PlanResult } from '../src/plan.effect.js';
import { PlanRunner } from '../src/plan.runner.js';
import { MODEL, modelsFor, publishing, requestOf } from '../src/plan.scenario.js';
import { composer } from '../src/request/compose.js';
import { stoppableOf } from '../src/stops.js';

export interface AskOptions {
  readonly request?: Partial<PlanRequest>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** What kill switches say each time they are asked; the last answer stays. */
  readonly standings?: readonly Standing[];
}

/** The runner as the service builds it, in front of a model server of the test's own. */
export class RunnerHarness {
  readonly logged: unknown[] = [];
  readonly observed: ModelRequest[] = [];

  private constructor(readonly server: ModelServer) {}

  static async open(script: Script, key?: string): Promise<RunnerHarness> {
    return new RunnerHarness(await startModelServer(script, key === undefined ? {} : { key }));
  }

  /** One request from composition to result, which is also checked against its contract. */
  async ask(options: AskOptions = {}): Promise<PlanResult> {
    const { environment, timeoutMs = 5_000, signal = new AbortController().signal } = options;
    const standings = [...(options.standings ?? [{ kind: 'free' as const }])];
    const models = modelsFor({ INTERLOCK_MODEL_URL: this.server.url, ...environment });
    const request = requestOf(options.request);
    const composed = composer(models, publishing())(request);
    if ('class' in composed) throw new Error(`not asked: ${composed.message}`);
    const plan: PlanEffect = {
      planId: 'run-1/1',
      model: request.model,
      promptHash: request.promptHash,
      requestHash: 'h',
      ...composed,
      stoppable: stoppableOf(request),
      deadline: Date.now() + timeoutMs,
    };
    const runner = new PlanRunner({
      models,
      egress: egressTo(models),
      stops: { standing: () => (standings.length > 1 ? standings.shift()! : standings[0]!) },
      ...wallClock,
      concurrencyMax: 2,
      observe: (request) => this.observed.push(request),
      log: (...said) => this.logged.push(said),
    });
    const results: PlanResult[] = [];
    const performing: Performing = { signal, result: (value) => results.push(value as PlanResult) };
    await runner.perform({ id: plan.planId, kind: 'plan', data: plan }, performing);
    expect(results).toHaveLength(1);
    const result = results[0] as PlanResult;
    const { data } = answerOf(plan.planId, MODEL, result);
    const form = result.outcome.kind === 'proposed' ? PlanProposed : PlanFailed;
    expect(form.schema.safeParse(data).error).toBeUndefined();
    return result;
  }
}

/** What came of it in one line. */
export const summary = ({ outcome, usage }: PlanResult): string => {
  const used = usage === undefined ? 'use unknown' : usage.inputTokens === 0 ? 'nothing used' : 'use known';
  if (outcome.kind === 'proposed') return `proposed, ${used}`;
  const { failure, called } = outcome;
  return `${failure.class} ${failure.code}, ${called ? used : 'not called'}`;
};
