import { CHILD_DIED } from '@interlock/contracts';
import type { Death, ModuleFile } from '@interlock/tools';
import type { CallEnd } from '../call.effect.js';
import { OUTPUT_BYTES_MAX } from '../tool-run.js';
import { isGuarded, type Place, type PlacedCall } from '../workplace.js';
import { type ChildLoad, type Company, placeFor, type Wanted } from './placement.js';
import { type Ended, PoolChild } from './pool.child.js';
import { Suspects } from './suspects.js';

export interface PoolOptions {
  /** Children at most. */
  readonly size: number;
  readonly memoryMb: number;
  /** How long a child may take to load its module, ms. */
  readonly startMs: number;
  /** The largest output that is kept, as JSON; absent: what fits into the log. */
  readonly outputBytesMax?: number | undefined;
  readonly observer: PoolObserver;
}

/** What a pool says about itself. */
export interface PoolObserver {
  started(module: string): void;
  /** `tools`: of the calls that were in it. */
  died(module: string, death: Death, detail: string, tools: readonly string[]): void;
  waiting(calls: number): void;
  log(level: 'log' | 'warn', message: string, fields: Readonly<Record<string, unknown>>): void;
}

const program = new URL('../../dist/pool/call.program.js', import.meta.url);
/** A child that has been idle for this long is ended, unless it is the last, ms. */
const IDLE_MS = 60_000;
/** Pause after a start that failed, ms; doubles up to 64 times this. */
const RESTART_MS = 100;

interface Waiting {
  readonly wanted: Wanted;
  readonly toolHash: string;
  readonly give: (taken: Taken | undefined) => void;
}

/** A place in a child. */
interface Taken {
  readonly child: PoolChild;
  readonly id: string;
}

/** The children that run one module's tools. Which child takes which call is said by `placeFor`. */
export class ModulePool {
  readonly #module: ModuleFile;
  readonly #options: PoolOptions;
  readonly #children: PoolChild[] = [];
  readonly #suspects = new Suspects();
  /** By tool, so that a tool that waits for a child of its own does not hold up another. */
  readonly #queues = new Map<string, Set<Waiting>>();
  #failures = 0;
  #problem: string | undefined;
  #restart: NodeJS.Timeout | undefined;
  #isDraining = false;
  #isClosed = false;

  constructor(module: ModuleFile, options: PoolOptions) {
    this.#module = module;
    this.#options = options;
    this.#start();
  }

  enter({ call, manifest }: PlacedCall, ended: AbortSignal): Place | Promise<Place | undefined> {
    const wanted = this.#wantedBy({ call, manifest }, false);
    const taken = this.#queues.has(queueOf(wanted)) ? undefined : this.#place(wanted, call.toolHash);
    if (taken !== undefined) return this.#placeAt(taken, { call, manifest });
    return this.#wait(wanted, call.toolHash, ended).then(
      (got) => got && this.#placeAt(got, { call, manifest }),
    );
  }

  waitsFor({ manifest }: PlacedCall): string {
    const where = `a place among the ${this.#options.size} processes that run tools of its module`;
    return this.#problem === undefined
      ? `${manifest.name} waits for ${where}`
      : `${manifest.name} waits for ${where}: ${this.#problem}`;
  }

  get pids(): number[] {
    return this.#children.flatMap(({ pid }) => pid ?? []);
  }

  /** Calls that wait are refused: nothing has been done for them. */
  drain(): void {
    this.#isDraining = true;
    for (const queue of this.#queues.values()) for (const waiting of [...queue]) waiting.give(undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.drain();
    clearTimeout(this.#restart);
    for (const child of this.#children) child.kill('dismissed');
  }

  #wantedBy({ call, manifest }: PlacedCall, isAgain: boolean): Wanted {
    const accused = this.#suspects.of(call.toolHash);
    const isSuspect = isAgain || accused === 'harmful';
    const needs: Company = isGuarded({ call, manifest }) ? 'tool' : 'any';
    return { tool: manifest.name, isSuspect, company: isSuspect || accused !== undefined ? 'nobody' : needs };
  }

  #placeAt(first: Taken, placed: PlacedCall): Place {
    let at = first;
    let isOver = false;
    const leave = (isAwaited: boolean): void => at.child.discount(at.id, isAwaited);
    return {
      run: async (ended) => {
        let how = await this.#runAt(at, placed, ended);
        if (mayGoElsewhere(how, placed) && !isOver && !ended.aborted) {
          leave(false);
          const again = await this.#wait(this.#wantedBy(placed, true), placed.call.toolHash, ended);
          if (again === undefined) return endOf(how, placed);
          at = again;
          if (isOver) leave(false);
          how = await this.#runAt(at, placed, ended);
        }
        return endOf(how, placed);
      },
      overdue: () => leave(true),
      leave: () => {
        isOver = true;
        leave(false);
      },
    };
  }

  async #runAt({ child, id }: Taken, placed: PlacedCall, ended: AbortSignal): Promise<Ended> {
    const how = await child.run(id, placed.call, isGuarded(placed), ended);
    if (how.kind === 'said') this.#suspects.endedWell(placed.call.toolHash);
    return how;
  }

  #wait(wanted: Wanted, toolHash: string, ended: AbortSignal): Promise<Taken | undefined> {
    if (ended.aborted || this.#isDraining) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const name = queueOf(wanted);
      const queue = this.#queues.get(name) ?? new Set();
      const leave = (taken?: Taken): void => {
        ended.removeEventListener('abort', onAbort);
        queue.delete(waiting);
        if (queue.size === 0) this.#queues.delete(name);
        this.#options.observer.waiting(-1);
        resolve(taken);
      };
      const onAbort = (): void => leave();
      const waiting: Waiting = { wanted, toolHash, give: leave };
      queue.add(waiting);
      this.#queues.set(name, queue);
      this.#options.observer.waiting(1);
      ended.addEventListener('abort', onAbort, { once: true });
      this.#placeAll();
    });
  }

  /** One of each tool after the other, so that a long queue of one holds up no other. */
  #placeAll(): void {
    for (let placed = true; placed && !this.#isClosed; ) {
      placed = false;
      for (const queue of [...this.#queues.values()]) {
        const [next] = queue;
        const taken = next && this.#place(next.wanted, next.toolHash);
        if (next === undefined || taken === undefined) continue;
        placed = true;
        next.give(taken);
      }
    }
  }

  #place(wanted: Wanted, toolHash: string): Taken | undefined {
    const { size } = this.#options;
    const placement = placeFor(wanted, this.#loads(), { size, waiting: this.#waitingForOwn() });
    if (placement.kind === 'start') this.#start();
    if (placement.kind !== 'child') return undefined;
    const child = this.#children[placement.at];
    if (placement.andStart === true) this.#start();
    return child && { child, id: child.take(wanted, toolHash) };
  }

  #waitingForOwn(): Wanted[] {
    const first: Wanted[] = [];
    for (const [next] of this.#queues.values()) {
      if (next !== undefined && next.wanted.company !== 'any') first.push(next.wanted);
    }
    return first;
  }

  #loads(): ChildLoad[] {
    return this.#children.map(({ load }) => load);
  }

  #start(): void {
    if (this.#isClosed || this.#restart !== undefined) return;
    const { memoryMb, startMs, outputBytesMax = OUTPUT_BYTES_MAX, observer } = this.#options;
    const { file } = this.#module;
    const tools = new Set<string>();
    let idle: NodeJS.Timeout | undefined;
    const child: PoolChild = new PoolChild(
      { program, module: this.#module, memoryMb, startMs, outputBytesMax },
      {
        ready: () => {
          this.#failures = 0;
          this.#problem = undefined;
          this.#placeAll();
        },
        changed: () => {
          clearTimeout(idle);
          if (child.isIdle) idle = setTimeout(() => this.#dismiss(child), IDLE_MS).unref();
          this.#placeAll();
        },
        accused: (toolHashes, of) => {
          for (const hash of toolHashes) {
            this.#suspects.accuse(hash, of);
            tools.add(hash);
          }
        },
        died: (death, detail, wasReady) => {
          clearTimeout(idle);
          this.#children.splice(this.#children.indexOf(child), 1);
          observer.died(file, death, detail, [...tools]);
          if (!wasReady && death !== 'dismissed') this.#failed(detail);
          this.#placeAll();
        },
        log: (level, message, fields) => observer.log(level, message, { ...fields, module: file }),
      },
    );
    this.#children.push(child);
    observer.started(file);
  }

  /** A module that does not load is tried again, but not without a pause. */
  #failed(detail: string): void {
    this.#problem = `${this.#module.file} does not load: ${detail}`;
    const pauseMs = RESTART_MS * 2 ** Math.min(this.#failures, 6);
    this.#failures += 1;
    this.#restart ??= setTimeout(() => {
      this.#restart = undefined;
      this.#placeAll();
    }, pauseMs);
  }

  #dismiss(child: PoolChild): void {
    if (child.isIdle && this.#children.length > 1) child.kill('dismissed');
  }
}

const queueOf = ({ tool, company }: Wanted): string => `${tool} ${company}`;

/** A read is made again, alone in a child, when its child died of something else or does not answer. */
const mayGoElsewhere = (how: Ended, { call }: PlacedCall): boolean =>
  call.effect === 'read' && (how.kind === 'held_up' || (how.kind === 'died' && !how.isCulprit));

function endOf(how: Ended, { call, manifest }: PlacedCall): CallEnd {
  if (how.kind === 'said') return how.end;
  const because =
    how.kind === 'died'
      ? `the process that ran ${manifest.name} ended (${how.death}: ${how.detail})`
      : `the process that ran ${manifest.name} does not answer`;
  if (call.effect === 'write') return { kind: 'unknown', because: because.slice(0, 2_000), code: CHILD_DIED };
  return {
    kind: 'failed',
    failure: { class: 'transient', code: CHILD_DIED, message: because.slice(0, 4_000) },
  };
}
