import type { SimulatedProcess } from '@interlock/broker/simulated';
import type { TargetRequest } from '@interlock/invariants';
import { HttpStatusError } from '@interlock/tools';
import { oneOf } from './chosen.js';
import type { VirtualTime } from './virtual-time.js';

/** What a tool asks the target to do. */
export interface Work {
  readonly tool: string;
  readonly kind: 'read' | 'write';
  /** Idempotency key. */
  readonly key: string;
  /** The target remembers the key and answers a repeat as it answered before. */
  readonly honoursKey: boolean;
  /** Key of the write that it undoes; null: none. */
  readonly undoes: string | null;
  /** What it answers when the request lands. */
  answer(): Answer;
}

export type Answer =
  | { readonly ok: true; readonly output: unknown }
  /** Refused by its rules: nothing has changed. */
  | { readonly ok: false; readonly refusal: string };

/** What befalls a request. `perhaps`: it lands or it does not, and its sender learns nothing either way. */
const fates = [
  'unreachable',
  'turned away',
  'told to wait',
  'vanishes',
  'answer lost',
  'cut off',
  'breaks',
  'slow',
  'mangled',
] as const;
type Fate = (typeof fates)[number] | 'good';

/** Longest way of a request, ms: less than any tool's `settleAfter`. */
const TRAVEL_MS_MAX = 1_200;

/**
 * The system behind the tools. It outlives every process and records each request that reaches it before it looks for repeats, so
 * that nothing that was done twice can hide.
 */
export class Target {
  readonly requests: TargetRequest[] = [];
  /** What its tools were given that nobody had meant for them. */
  readonly defects: string[] = [];
  /** Chance that a request goes wrong. */
  faults = 0;
  /** What befell requests, and when, ms. */
  readonly befell: { readonly what: string; readonly at: number }[] = [];
  readonly #done = new Map<string, unknown>();

  constructor(
    readonly time: VirtualTime,
    readonly random: () => number,
  ) {}

  /** What the write with this key gave; undefined: it has not happened. */
  outputOf(key: string): unknown {
    return this.#done.get(key);
  }

  has(key: string): boolean {
    return this.#done.has(key);
  }

  /** Sends a request from `process`; settles there, if that is alive, or never. */
  send(process: SimulatedProcess, work: Work): Promise<Answer> {
    const fate = this.#fate();
    return new Promise((resolve, reject) => {
      const later = (ms: number, task: () => void) =>
        void this.time.after(this.random() * ms, () => process.run(task));
      if (fate === 'unreachable') return later(20, () => reject(systemError('ECONNREFUSED')));
      if (fate === 'turned away') return later(20, () => reject(new HttpStatusError(503, 'busy')));
      if (fate === 'told to wait') return later(20, () => reject(new HttpStatusError(429, 'slower', '1')));
      if (fate === 'vanishes') return;
      const lands = fate !== 'breaks' || this.random() < 0.5;
      const travel = this.random() * (fate === 'good' ? 10 : TRAVEL_MS_MAX);
      this.time.after(travel, () => {
        const answer = lands ? this.#land(work) : undefined;
        if (fate === 'answer lost') return;
        if (fate === 'cut off') return later(20, () => reject(systemError('ECONNRESET')));
        if (fate === 'breaks' || answer === undefined)
          return later(20, () => reject(new HttpStatusError(500, 'broken')));
        const mangled = fate === 'mangled' && answer.ok;
        const answered: Answer = mangled ? { ok: true, output: { broken: true } } : answer;
        later(fate === 'slow' ? 8_000 : 10, () => resolve(answered));
      });
    });
  }

  #fate(): Fate {
    if (this.random() >= this.faults) return 'good';
    const fate = oneOf(this.random, fates);
    this.befell.push({ what: `target: ${fate}`, at: this.time.now() });
    return fate;
  }

  #land({ tool, kind, key, honoursKey, undoes, answer }: Work): Answer {
    const seen = (tookEffect: boolean) =>
      void this.requests.push({
        tool,
        kind,
        key,
        at: this.time.now(),
        tookEffect,
        undoes,
      });
    if (honoursKey && this.#done.has(key)) {
      seen(false);
      return { ok: true, output: this.#done.get(key) };
    }
    const given = answer();
    seen(given.ok && kind === 'write');
    if (given.ok && kind === 'write') this.#done.set(key, given.output);
    return given;
  }
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code });
