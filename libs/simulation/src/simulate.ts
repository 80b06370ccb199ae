import type { StoredRecord } from '@interlock/broker';
import {
  checkReading,
  type LiveRun,
  type Reading,
  read,
  type View,
  type Violation,
} from '@interlock/invariants';
import { type RunState, stateHash } from '@interlock/run';
import { digestOf, ignoredRecords } from './digest.js';
import type { Documents } from './documents/drawn.js';
import type { PlantedBug } from './planted-bug.js';
import type { Product } from './product.js';
import { startedWhileStopped } from './stopped.check.js';
import { type Counts, World } from './world.js';

export interface SimulationOptions {
  readonly bug?: PlantedBug;
  /** Absent: those that are written down. */
  readonly documents?: Documents;
  /** Gets every line of what happens. */
  readonly trace?: (line: string) => void;
  /** With schedules, that start runs of their own. */
  readonly schedules?: boolean;
  /** Drawn documents have a second version, and operators let open runs go on as it says. */
  readonly migrations?: boolean;
  /** Operators stop calls, and lift that again. */
  readonly stops?: boolean;
}

/** What came of one seed. */
export interface Simulated {
  readonly seed: number;
  /** What kind of seed it was, in a line. */
  readonly description: string;
  readonly violations: readonly Violation[];
  /** Hash over every record of every topic: the same seed gives the same. */
  readonly digest: string;
  readonly virtualMs: number;
  readonly counts: Counts & { readonly ignored: number; readonly targetRequests: number };
  /** Runs by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** What people were asked, by how it was settled as far as the runs have recorded it. */
  readonly asked: Readonly<Record<string, number>>;
  readonly view: View;
  /** The same, as it was read to be checked. */
  readonly reading: Reading;
  /** What struck, and when, ms. */
  readonly struck: World['struck'];
}

/** Everything must have ended this long after faults stopped. */
const LIVENESS_MS = 60_000;
/** What is drawn has more people in it, one behind the other; some take a step up again and again, and some runs end only with their time. */
const DRAWN_LIVENESS_MS = 420_000;
/** For what nobody waits for any more: late outcomes, handed over ones. */
const QUIET_MS = 15_000;

/** Runs one seed: the real services on a simulated cluster, with faults, until everything has ended; then checks it. */
export async function simulate(
  seed: number,
  product: Product,
  { bug, trace, documents, schedules = false, migrations = false, stops = false }: SimulationOptions = {},
): Promise<Simulated> {
  const restore = bug?.patch?.();
  let world: World;
  try {
    world = new World(seed, product, bug, trace, schedules, documents, migrations, stops);
    await world.runFor(world.shape.faultyMs);
    world.heal();
    await world.runFor(
      world.drawn.length > 0 ? DRAWN_LIVENESS_MS : LIVENESS_MS,
      () => world.people.haveEnded,
    );
    await world.runFor(QUIET_MS);
  } finally {
    restore?.();
  }
  const view = viewOf(world);
  const reading = read(view);
  const found = [...world.defects, ...world.target.defects, ...(world.store?.defects ?? [])];
  const defects = found.map((message): Violation => ({ invariant: 'defect', message }));
  const open = world.people.open.map(
    (run): Violation => ({ invariant: 'I10', run, message: stillOpen(world, run) }),
  );
  return {
    seed,
    description: describe(world),
    violations: [
      ...defects,
      ...open,
      ...startedWhileStopped(reading, world.switches),
      ...checkReading(reading),
    ],
    digest: digestOf(view),
    virtualMs: world.elapsedMs,
    counts: {
      ...world.stats,
      ignored: ignoredRecords(reading),
      targetRequests: world.target.requests.length,
    },
    ends: endsOf(world),
    asked: askedOf(world),
    view,
    reading,
    struck: [...world.struck, ...world.target.befell],
  };
}

function viewOf(world: World): View {
  const { cluster, target, people } = world;
  const topics = new Map([...cluster.topics].map((name) => [name, world.stored(name).map(anew)]));
  return {
    topics,
    landedAt: (topic, partition, offset) => world.landedAt(topic, partition, offset),
    requests: target.requests,
    commands: people.gateway.sent,
    live: liveRuns(world),
    ended: true,
  };
}

/** In objects that nobody has opened: the checker verifies each for itself. */
const anew = (records: readonly StoredRecord[]): readonly StoredRecord[] =>
  records.map((record) => ({ ...record, headers: { ...record.headers } }));

function liveRuns({ processes }: World): LiveRun[] {
  return processes
    .filter(({ service }) => service === 'orchestrator')
    .flatMap(({ host }) => [...(host?.hosts.values() ?? [])])
    .filter(({ mode }) => mode === 'active')
    .flatMap(({ own }) =>
      [...own.store.keys()].flatMap((runId) => {
        const entry = own.store.accepted(runId);
        if (entry?.state === undefined) return [];
        return [{ runId, seq: entry.seq, stateHash: stateHash(entry.state as RunState) }];
      }),
    );
}

function endsOf({ people }: World): Record<string, number> {
  const ends: Record<string, number> = {};
  for (const runId of people.started) {
    const status = people.watcher.describe(runId)?.status ?? 'never started';
    ends[status] = (ends[status] ?? 0) + 1;
  }
  return ends;
}

function askedOf({ people }: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { settled = 'open' } of people.watcher.asked.values())
    counts[settled] = (counts[settled] ?? 0) + 1;
  return counts;
}

function stillOpen({ people }: World, runId: string): string {
  const run = people.watcher.describe(runId);
  if (run === undefined) return 'never started';
  const waits = (run.waitingFor ?? []).map(({ kind, step, detail }) => `${kind} ${step}: ${detail}`);
  return `${run.status} long after faults stopped; it waits for ${waits.join('; ') || 'nothing'}`;
}

function describe({ shape }: World): string {
  const { partitions, runs, faultyMs, faultEveryMs, appendFaults, killAtAppend, targetFaults, skewMs } =
    shape;
  const faults = Object.entries(appendFaults)
    .filter(([name]) => name !== 'lateMsMax')
    .map(([name, chance]) => `${name} ${(chance * 100).toFixed(1)} %`);
  return (
    `${runs} runs on ${partitions} partitions, faults for ${(faultyMs / 1_000).toFixed(0)} s about every ${faultEveryMs} ms, ` +
    `appends: ${faults.join(', ')}; killed at appends ${killAtAppend}, target fails ${targetFaults}, clocks ±${skewMs} ms`
  );
}
