import { type Effect, inputFrom, type Runtime } from '@interlock/actors';
import { approvalSpec } from '@interlock/app-approval';
import { orchestratorSpec, scheduleSpec } from '@interlock/app-orchestrator';
import { composer, type Models, type PlanEffect, type PlanResult, planActor } from '@interlock/app-planner';
import { policySpec } from '@interlock/app-policy';
import { InProcessWorkplace, ProcessCircuits, toolExecutorSpec } from '@interlock/app-tool-executor';
import { catalogueOf, planEvents, policyEvents, runEvents, type Usage } from '@interlock/contracts';
import type { ModelHere, Product, SimulatedSpec, Surroundings } from '@interlock/simulation';
import { type ValueStore, Values } from '@interlock/values';

/** Of the values of a process: it keeps hardly more than one at hand, and a run may keep only a few. */
const valueLimits = { valueBytesMax: 1_000_000, familyBytesMax: 2_500_000, shelfBytesMax: 170_000 };
const valuesIn = ({ store, runtime }: Pick<Surroundings, 'store' | 'runtime'>): Values | undefined =>
  store && new Values(store as ValueStore, valueLimits, undefined, runtime);

const silent = { log: () => {}, warn: () => {} };
const noTopicsOfOthers = { readAt: async () => [] };

/** Models as their settings describe them, and as the planner knows them. */
const models = {
  INTERLOCK_MODEL: 'sim/first',
  INTERLOCK_MODEL_FALLBACK: 'sim/second',
  INTERLOCK_AUTONOMY: 'assisted',
  INTERLOCK_MODEL_TIMEOUT_MS: 2_000,
  INTERLOCK_MODEL_TOKENS_MAX: 12_000,
  INTERLOCK_MODEL_PRICES: { input: 1, output: 2 },
};
const reachable: Models = {
  urls: [],
  get: (name) => ({
    name,
    url: 'http://model.invalid/v1',
    prices: models.INTERLOCK_MODEL_PRICES,
    answers: 'tools',
    answerBound: 'max_tokens',
    answerTokensMax: 2_000,
    temperature: 'none',
    seed: 'none',
  }),
};

const priceOf = ({ inputTokens, outputTokens }: Usage): number =>
  (inputTokens * models.INTERLOCK_MODEL_PRICES.input + outputTokens * models.INTERLOCK_MODEL_PRICES.output) /
  1e6;

/** In the place of the way to a model: what it says is drawn. */
const asking =
  (model: ModelHere, { clock }: Runtime) =>
  async ({ data }: Effect, { result }: { result(value: PlanResult): void }): Promise<void> => {
    const startedAt = clock.now();
    const mayAsk = JSON.stringify((data as PlanEffect).body).includes('question');
    const answer = await model.ask({ mayAsk });
    const tookMs = clock.now() - startedAt;
    if (answer.kind === 'failed') {
      const failure = { class: 'transient', code: 'model.unreachable', message: 'no answer' } as const;
      return result({ tookMs, outcome: { kind: 'failed', failure, called: answer.called } });
    }
    const { proposal, usage } = answer;
    const used = usage === undefined ? {} : { usage, costUsd: priceOf(usage) };
    return result({ tookMs, outcome: { kind: 'proposed', proposal }, ...used });
  };

/** The services as their own modules wire them; only what surrounds them is simulated. */
export const product: Product = {
  orchestrator: ({ artifacts, clockSkewMs, stops, talks, ...around }) =>
    orchestratorSpec(
      artifacts as never,
      { clockSkewMs, INTERLOCK_RESUME_DAYS: 1, ...(talks ? models : {}) } as never,
      stops,
      noTopicsOfOthers,
      {},
      valuesIn(around),
    ) as SimulatedSpec,
  policy: ({ artifacts, ...around }) => policySpec(artifacts, valuesIn(around)) as unknown as SimulatedSpec,
  'tool-executor': ({ tools, broker, runtime, stops, clockSkewMs, store }) => {
    const { clock } = runtime;
    const values = valuesIn({ store, runtime });
    const { valueBytesMax: outputBytesMax } = valueLimits;
    const large = values && { outputBytesMax };
    const workplace = new InProcessWorkplace({ tools, clock, concurrencyMax: 512, ...silent, ...large });
    return toolExecutorSpec(
      tools,
      workplace,
      broker,
      runtime,
      { clockSkewMs },
      stops,
      new ProcessCircuits({ ...runtime, failures: 3, probeMs: 500 }),
      values,
    ) as SimulatedSpec;
  },
  planner: ({ artifacts, model, runtime, stops, clockSkewMs }) =>
    ({
      service: 'planner',
      topic: planEvents.name,
      numbered: false,
      actor: planActor({
        compose: composer(reachable, artifacts as never),
        stops,
        clockSkewMs,
      }),
      events: catalogueOf(planEvents),
      readers: planEvents.readers,
      inputs: [runEvents, policyEvents].map(inputFrom),
      perform: asking(model, runtime),
    }) as unknown as SimulatedSpec,
  schedules: ({ artifacts, broker, runtime, partitions, salt }) =>
    scheduleSpec({ artifacts, broker, runtime, partitions, salt }) as unknown as SimulatedSpec,
  approval: () => approvalSpec() as unknown as SimulatedSpec,
};
