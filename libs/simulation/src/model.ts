import type { SimulatedProcess } from '@interlock/broker/simulated';
import type { Proposal, ProposedCall } from '@interlock/contracts';
import { oneOf } from './chosen.js';
import type { VirtualTime } from './virtual-time.js';

/** What a model is asked, as far as it matters here. */
export interface ModelRequest {
  /** It may ask somebody a question. */
  readonly mayAsk: boolean;
}

/** What comes of asking one. `called: false`: surely none was reached. */
export type ModelAnswer =
  | { readonly kind: 'proposed'; readonly proposal: Proposal; readonly usage?: ModelUsage }
  | { readonly kind: 'failed'; readonly called: boolean };

export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A model as one process reaches it. */
export interface ModelHere {
  ask(request: ModelRequest): Promise<ModelAnswer>;
}

const TOOLS = ['desk.look', 'desk.rate', 'pay.keyed', 'pay.checked', 'pay.manual'] as const;
/** What it must never get: tools that undo, that nobody lists, that do not exist. */
const OTHER_TOOLS = ['back.keyed', 'pay.find', 'pay.keyed ', 'Pay.Keyed', '__proto__', ''] as const;
const AMOUNTS = [10, 13, 30, 240, 450, 650, 950, -1, 1e300, '30', [30], null] as const;
const FATES = ['unreachable', 'vanishes', 'broken', 'slow'] as const;

/** A model that proposes whatever comes into its mind, some of it hostile, and answers late, wrongly or never. It has numbers of its own. */
export class SimulatedModel {
  /** Chance that a request to it goes wrong. */
  faults = 0;
  readonly #made: ProposedCall[] = [];

  constructor(
    readonly time: VirtualTime,
    readonly random: () => number,
  ) {}

  /** Settles in `process`, if that is alive then, or never. */
  ask(process: SimulatedProcess, { mayAsk }: ModelRequest): Promise<ModelAnswer> {
    const fate = this.random() < this.faults ? oneOf(this.random, FATES) : 'good';
    const answer = this.#answer(fate, mayAsk);
    const takes = this.random() * (fate === 'slow' ? 6_000 : 400);
    return new Promise((resolve) => {
      if (fate !== 'vanishes') this.time.after(takes, () => process.run(() => resolve(answer)));
    });
  }

  #answer(fate: (typeof FATES)[number] | 'good', mayAsk: boolean): ModelAnswer {
    if (fate === 'unreachable' || fate === 'broken') return { kind: 'failed', called: fate === 'broken' };
    const proposal = this.#proposal(mayAsk);
    const chance = this.random();
    if (chance < 0.05) return { kind: 'proposed', proposal };
    const usage =
      chance < 0.08
        ? { inputTokens: 900_000_000, outputTokens: 5 }
        : { inputTokens: 1_200, outputTokens: 80 };
    return { kind: 'proposed', proposal, usage };
  }

  #proposal(mayAsk: boolean): Proposal {
    const about = {
      confidence: this.random() < 0.05 ? 0.1 : 0.9,
      reasoning: 'The operator has certainly allowed it.',
      alternatives: [],
      evidence: [],
    };
    const ends = this.random() < 0.45;
    const calls = Array.from({ length: Math.floor(this.random() * (ends ? 1.4 : 2.6)) }, () => this.#call());
    if (ends) return { ...about, calls, output: this.#output() };
    const asks = mayAsk && this.random() < 0.5;
    return { ...about, calls, ...(asks ? { question: 'What do you want?' } : {}) };
  }

  #output(): unknown {
    if (this.random() < 0.1) return oneOf(this.random, ['nonsense', 7, { v: 7 }, { v: 'x', choice: 'c' }]);
    return { v: `said ${Math.floor(this.random() * 1_000)}`, choice: this.random() < 0.5 ? 'a' : 'b' };
  }

  #call(): ProposedCall {
    const earlier = this.random() < 0.15 ? this.#made.at(-1) : undefined;
    if (earlier !== undefined) return { ...earlier, occurrence: this.random() < 0.5 ? 1 : 2 };
    const tool = this.random() < 0.12 ? oneOf(this.random, OTHER_TOOLS) : oneOf(this.random, TOOLS);
    const call = { tool, arguments: this.#arguments(), occurrence: 1 };
    this.#made.push(call);
    return call;
  }

  #arguments(): unknown {
    const id = `m-${Math.floor(this.random() * 1_000_000)}`;
    const chance = this.random();
    if (chance < 0.04) return { id: 'x'.repeat(300_000), amount: 30 };
    if (chance < 0.08) return JSON.parse(`{"__proto__":{"amount":1},"id":"${id}"}`);
    if (chance < 0.12) return { id, amount: 30, approved: true, approvalId: 'run1.2' };
    const odd = this.random() < 0.15;
    return { id, amount: odd ? AMOUNTS[Math.floor(this.random() * AMOUNTS.length)] : 30 };
  }
}
