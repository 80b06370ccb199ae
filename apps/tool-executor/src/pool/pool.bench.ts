import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effect } from '@interlock/actors';
import { wallClock } from '@interlock/service';
import { type Death, type DescribedTool, describeModules } from '@interlock/tools';
import type { CallEffect, CallEnd, CallResult } from '../call.effect.js';
import { noCircuits } from '../circuit/circuits.js';
import { EffectRunner } from '../effect-runner.js';
import { toolSetOf } from '../tool-set.js';
import { ProcessWorkplace } from './process.workplace.js';

export const hostileModule = new URL('./hostile.tools.mjs', import.meta.url).pathname;

/** What the hostile module's tools are told. */
export interface Instructions {
  readonly do: string;
  readonly ms?: number;
  readonly text?: string;
}

/** A workplace of real processes, and what came of the calls in it. */
export class PoolBench {
  readonly deaths: { death: Death; detail: string; tools: readonly string[] }[] = [];
  readonly lines: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  /** Every child that was ever there. */
  readonly pids = new Set<number>();
  waiting = 0;
  readonly #runner: EffectRunner;
  readonly #tools: ReadonlyMap<string, DescribedTool>;

  private constructor(
    readonly workplace: ProcessWorkplace,
    tools: readonly DescribedTool[],
    readonly directory: string,
  ) {
    this.#tools = new Map(tools.map((tool) => [tool.manifest.name, tool]));
    this.#runner = new EffectRunner({
      ...wallClock,
      tools: toolSetOf(tools),
      workplace,
      stops: { standing: () => ({ kind: 'free' }) },
      circuits: noCircuits,
      lateMaxMs: 10_000,
    });
  }

  static async open(size = 4, memoryMb = 300): Promise<PoolBench> {
    const directory = await mkdtemp(join(tmpdir(), 'pool-'));
    process.env.HOSTILE_FILE = join(directory, 'notes');
    const { tools } = await describeModules([hostileModule]);
    const names = new Map(tools.map(({ toolHash, manifest }) => [toolHash, manifest.name]));
    const observer = {
      started: () => {},
      died: (_module: string, death: Death, detail: string, hashes: readonly string[]) => {
        bench.deaths.push({ death, detail, tools: hashes.map((hash) => names.get(hash) ?? hash) });
      },
      waiting: (calls: number) => {
        bench.waiting += calls;
      },
      log: (_level: string, message: string, fields: Readonly<Record<string, unknown>>) => {
        bench.lines.push({ message, fields });
      },
    };
    const workplace = new ProcessWorkplace(tools, { size, memoryMb, startMs: 15_000, observer });
    const bench = new PoolBench(workplace, tools, directory);
    await bench.#warmUp();
    return bench;
  }

  /** So that what is measured is not how long a process takes to start: three are there. */
  async #warmUp(): Promise<void> {
    const names = ['honest.read', 'honest.unkeyed', 'hostile.unkeyed'];
    const isStarted = () => this.workplace.pids.length >= names.length;
    while (!isStarted()) await Promise.all(names.map((name) => this.perform(name, { do: 'hang', ms: 300 })));
    await rm(join(this.directory, 'notes'));
  }

  /** Every end of one call; the last when nothing more comes. */
  async perform(name: string, instructions: Instructions, timeoutMs = 10_000): Promise<CallEnd[]> {
    const tool = this.#tools.get(name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    const call: CallEffect = {
      requestId: randomUUID(),
      callHash: 'h',
      toolHash: tool.toolHash,
      effect: tool.manifest.effect,
      tool: name,
      family: 'bench',
      stoppable: { workflow: 'w', levels: [], compensates: false },
      arguments: instructions,
      attempt: 1,
      deadline: Date.now() + timeoutMs,
    };
    const ends: CallEnd[] = [];
    const effect: Effect = { id: call.requestId, kind: 'call', data: call };
    await this.#runner.perform(effect, {
      signal: new AbortController().signal,
      result: (value) => ends.push((value as CallResult).end),
    });
    return ends;
  }

  /** What tools have written down. */
  async notes(): Promise<string[]> {
    const text = await readFile(join(this.directory, 'notes'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  async close(): Promise<void> {
    this.workplace.close();
    delete process.env.HOSTILE_FILE;
    await rm(this.directory, { recursive: true });
  }
}
