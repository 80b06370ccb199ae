import {
  type ControlEvent,
  type ControlState,
  foldControl,
  inForce,
  nothingStopped,
  type StopScope,
} from '@interlock/contracts';
import { oneOf } from './chosen.js';
import { seededRandom } from './seeded-random.js';
import type { World } from './world.js';

const by = { sub: 'olga', roles: ['operator'] };
const LASTS_MS_MIN = 1_000;
const LASTS_MS_MAX = 14_000;
const tools = ['desk.look', 'desk.rate', 'pay.keyed', 'pay.checked', 'pay.manual', 'pay.undo'];

/** From when to when it stood, by the true time. */
interface Stood {
  readonly from: number;
  readonly scope: StopScope;
  until: number;
}

/** Those who stop calls while there are faults, and lift each stop later. Draws from numbers of its own. */
export class KillSwitches {
  #state: ControlState = nothingStopped;
  readonly stood: Stood[] = [];
  readonly #random: () => number;

  constructor(readonly world: World) {
    this.#random = seededRandom(world.seed * 7 + 5);
    this.#next();
  }

  /** As the log of stops holds it now. */
  get state(): ControlState {
    return this.#state;
  }

  /** Nothing is stopped any more. */
  liftAll(): void {
    for (const { number } of inForce(this.#state)) this.#lift(number);
  }

  #next(): void {
    const { world } = this;
    world.time.after(500 + this.#random() * 10_000, () => {
      if (!world.isFaulty) return;
      this.#stop();
      this.#next();
    });
  }

  #stop(): void {
    const { world } = this;
    const number = this.#state.count + 1;
    const from = world.time.now();
    const scope = this.#scope();
    const compensations = this.#random() < 0.4;
    const said = { stopId: `stop${number}`, number, scope, compensations, reason: 'it looks odd', by };
    this.#say('control.stopped', { ...said, at: Math.floor(from), commandId: `stop ${number}` });
    this.stood.push({ from, scope, until: Number.POSITIVE_INFINITY });
    world.strike('stop');
    world.trace(`${JSON.stringify(scope)} is stopped (${number})`);
    const lastsMs = LASTS_MS_MIN + this.#random() * (LASTS_MS_MAX - LASTS_MS_MIN);
    world.time.after(lastsMs, () => this.#lift(number));
  }

  #scope(): StopScope {
    const { artifacts } = this.world;
    const chance = this.#random();
    if (chance < 0.4) return { all: true };
    if (chance < 0.7) return { tool: oneOf(this.#random, tools) };
    if (chance < 0.9) return { workflow: oneOf(this.#random, artifacts.all('workflow')).name };
    return { level: 'assisted' };
  }

  #lift(number: number): void {
    const { time } = this.world;
    const stood = this.stood[number - 1];
    if (stood === undefined || stood.until < Number.POSITIVE_INFINITY) return;
    stood.until = time.now();
    this.#say('control.lifted', {
      stopId: `stop${number}`,
      liftedBy: [by],
      at: Math.floor(time.now()),
      commandId: `lift ${number}`,
    });
    this.world.trace(`stop ${number} is lifted`);
  }

  #say<Type extends ControlEvent['type']>(
    type: Type,
    data: Extract<ControlEvent, { readonly type: Type }>['data'],
  ): void {
    this.#state = foldControl(this.#state, { type, data } as ControlEvent);
  }
}
