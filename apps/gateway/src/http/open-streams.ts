import type { ServerResponse } from 'node:http';
import { Problem } from '@interlock/commands';

/** Of one identity: more is a reader that forgets to close. */
const OF_ONE_MAX = 1_000;
const OF_ALL_MAX = 10_000;
const RETRY_AFTER_S = 5;

/** How many streams are open, for each identity and together: a stream costs nothing to open and may stay for days. */
export class OpenStreams {
  readonly #open = new Map<string, number>();
  #all = 0;

  constructor(
    private readonly ofOneMax = OF_ONE_MAX,
    private readonly ofAllMax = OF_ALL_MAX,
  ) {}

  /**
   * Counts a stream of `whose` until it is closed. Who has left by now takes no place.
   * @throws {Problem} too-many
   */
  enter(stream: Pick<ServerResponse, 'once' | 'destroyed'>, whose: string): void {
    if (stream.destroyed) return;
    const own = this.#open.get(whose) ?? 0;
    if (own >= this.ofOneMax) throw tooMany(`You have ${own} streams open, and more are not served.`);
    if (this.#all >= this.ofAllMax) throw tooMany(`${this.#all} streams are open here already.`);
    this.#open.set(whose, own + 1);
    this.#all++;
    stream.once('close', () => this.#leave(whose));
  }

  #leave(whose: string): void {
    const left = (this.#open.get(whose) ?? 1) - 1;
    this.#all--;
    if (left > 0) this.#open.set(whose, left);
    else this.#open.delete(whose);
  }
}

const tooMany = (detail: string): Problem =>
  new Problem(
    'too-many',
    `${detail} Close one, or read pages with \`Accept: application/json\`.`,
    [],
    RETRY_AFTER_S,
  );
