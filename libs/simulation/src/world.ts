import type { StoredRecord } from '@interlock/broker';
import { SimulatedCluster, type SimulatedProcess } from '@interlock/broker/simulated';
import { topics } from '@interlock/contracts';
import { openForAll } from '@interlock/log';
import type { Tool } from '@interlock/tools';
import { type Documents, documentsOf } from './documents/drawn.js';
import { type OtherVersion, otherVersion } from './documents/other.version.js';
import { Faults } from './faults.js';
import { KillSwitches } from './kill-switches.js';
import { weighing } from './large/large.steps.js';
import { largeToolsOf } from './large/large.tools.js';
import { SimulatedStore } from './large/simulated.store.js';
import { SimulatedModel } from './model.js';
import { People } from './people.js';
import type { PlantedBug } from './planted-bug.js';
import { type Product, type SimulatedService, simulatedServices } from './product.js';
import { type Published, published } from './published.js';
import { Schedulers } from './schedulers.js';
import { seededRandom } from './seeded-random.js';
import { ServiceProcess } from './service-process.js';
import { type Shape, shapeOf } from './shape.js';
import { Target } from './target.js';
import { toolsOf } from './tools.js';
import { VirtualTime } from './virtual-time.js';

/** Hosts of each service. */
const HOSTS = 2;
const STARTS_AT = 1_767_225_600_000;

export interface Counts {
  appends: number;
  kills: number;
  retired: number;
  zombies: number;
  rebalances: number;
  doubts: number;
}

/** Everything that exists in the simulation of one seed. */
export class World {
  readonly random: () => number;
  readonly shape: Shape;
  readonly time = new VirtualTime(STARTS_AT);
  readonly cluster: SimulatedCluster;
  readonly target: Target;
  readonly artifacts: Published;
  readonly model: SimulatedModel;
  /** Its documents have agents: there are models, and who asks them. */
  readonly talks: boolean;
  /** Where large values are kept; undefined: no document has any. */
  readonly store: SimulatedStore | undefined;
  /** Documents that this seed alone has. */
  readonly drawn: readonly { readonly workflow: string; readonly steps: object }[];
  /** Their second versions, where runs are migrated. */
  readonly others: readonly OtherVersion[];
  /** What struck, and when, ms. */
  readonly struck: { readonly what: string; readonly at: number }[] = [];
  readonly people: People;
  readonly processes: readonly ServiceProcess[];
  readonly switches: KillSwitches | undefined;
  readonly stats: Counts = { appends: 0, kills: 0, retired: 0, zombies: 0, rebalances: 0, doubts: 0 };
  /** What must never happen, whatever befalls the processes. */
  readonly defects: string[] = [];
  isFaulty = true;
  readonly #schedulers: Schedulers | undefined;
  readonly #landed = new Map<string, StoredRecord[]>();
  readonly #landedAt = new Map<string, number[]>();

  constructor(
    readonly seed: number,
    readonly product: Product,
    readonly bug: PlantedBug | undefined,
    readonly write: ((line: string) => void) | undefined,
    readonly hasSchedules = false,
    documents: Documents = 'fixed',
    hasMigrations = false,
    hasStops = false,
  ) {
    this.shape = shapeOf(seededRandom(seed * 2));
    const random = seededRandom(seed * 2 + 1);
    this.random = random;
    this.cluster = new SimulatedCluster({
      now: () => this.time.now(),
      after: (ms, task) => void this.time.after(ms, task),
      random,
    });
    this.#createTopics();
    this.target = new Target(this.time, random);
    const nobody = { process: undefined as never };
    this.talks = documents === 'talking';
    const isLarge = documents === 'large';
    this.store = isLarge
      ? new SimulatedStore(this.time, seededRandom(seed * 2 + 3_000_017), (what) => this.strike(what))
      : undefined;
    this.model = new SimulatedModel(this.time, seededRandom(seed * 2 + 2_000_003));
    this.drawn = documentsOf(seededRandom(-seed), documents);
    this.others = hasMigrations ? this.drawn.map((one) => otherVersion(one, seededRandom(-seed - 1))) : [];
    this.artifacts = published(
      this.toolsIn(nobody.process),
      this.shape.redacts,
      [...(isLarge ? [weighing] : []), ...this.drawn, ...this.others.map(({ document }) => document)],
      this.talks,
    );
    this.switches = hasStops ? new KillSwitches(this) : undefined;
    const services: readonly SimulatedService[] = [
      ...simulatedServices,
      ...(hasSchedules ? ['schedules' as const] : []),
      ...(this.talks ? ['planner' as const] : []),
    ];
    this.processes = services.flatMap((service) =>
      Array.from({ length: HOSTS }, (_, place) => new ServiceProcess(this, service, place)),
    );
    this.people = new People(this);
    this.#schedulers = hasSchedules ? new Schedulers(this) : undefined;
    new Faults(this);
  }

  /** Every tool, as a process has it. */
  toolsIn(process: SimulatedProcess): readonly Tool[] {
    const large = this.store === undefined ? [] : largeToolsOf(this.target, process);
    return [...toolsOf(this.target, process), ...large];
  }

  /** Since the start, ms. */
  get elapsedMs(): number {
    return this.time.now() - STARTS_AT;
  }

  runFor(ms: number, done: () => boolean = () => false): Promise<boolean> {
    return this.time.runUntil(this.time.now() + ms, done);
  }

  strike(what: string): void {
    this.struck.push({ what, at: this.time.now() });
  }

  trace(line: string): void {
    this.write?.(`${this.elapsedMs.toFixed(0).padStart(7)} ${line}`);
  }

  /** Faults stop: from here on everything must come to an end. */
  heal(): void {
    const { cluster } = this;
    this.trace('=== faults stop');
    this.isFaulty = false;
    cluster.faults = { lost: 0, answerLost: 0, late: 0, repeated: 0, lateMsMax: 0 };
    Object.assign(cluster.latencies, { appendMax: 3, deliveryMax: 3 });
    this.target.faults = 0;
    this.model.faults = 0;
    if (this.store !== undefined) this.store.isFaulty = false;
    for (const one of this.processes) one.heal();
    this.#schedulers?.stop();
    this.switches?.liftAll();
  }

  landedAt(topic: string, partition: number, offset: number): number | undefined {
    return this.#landedAt.get(`${topic}/${partition}`)?.[offset];
  }

  /** Every record of a topic that was ever stored, by partition; what was cut away or compacted meanwhile included. */
  stored(topic: string): StoredRecord[][] {
    return this.cluster
      .partitions(topic)
      .map(({ partition }) => this.#landed.get(`${topic}/${partition}`) ?? []);
  }

  #createTopics(): void {
    for (const spec of topics) {
      this.cluster.create(spec, this.shape.partitions);
      for (const stored of this.cluster.partitions(spec.name)) {
        const landed: StoredRecord[] = [];
        const at: number[] = [];
        this.#landed.set(`${spec.name}/${stored.partition}`, landed);
        this.#landedAt.set(`${spec.name}/${stored.partition}`, at);
        stored.watch(() => {
          const last = landed.at(-1);
          const from = last === undefined ? 0 : last.offset + 1;
          for (const record of stored.slice(from, Number.POSITIVE_INFINITY)) {
            openForAll(record, stored);
            landed.push(record);
            this.store?.landed(record, spec.name);
            at[record.offset] = this.time.now();
            this.trace(
              `  ${spec.name}/${stored.partition}@${record.offset} ${textOf(record.headers)} ${record.key}`,
            );
          }
        });
      }
    }
  }
}

const textOf = ({ t, m }: Readonly<Record<string, Uint8Array>>): string =>
  t === undefined ? 'without headers' : `${Buffer.from(t)} ${Buffer.from(m ?? '')}`;
