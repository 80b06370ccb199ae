import {
  defaultLimits,
  type HostObserver,
  Quarantine,
  type Quarantined,
  type Runtime,
  ServiceHost,
  StateCache,
} from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import { hashOf } from '@interlock/contracts';
import { withProducers } from './delegated-broker.js';
import { type SimulatedService, type SimulatedSpec, simulatedServices } from './product.js';
import { CLOCK_SKEW_MS } from './shape.js';
import { ProcessUnderTest } from './simulated-process.js';
import { nothingStops, StopsHere, type Surveyed } from './stops-here.js';
import type { World } from './world.js';

/** Longest wait of a supervisor before it starts a dead process again, ms. */
const RESTART_MS_MAX = 3_000;

/** Everything that a host does now and then happens often here. */
const hasty = {
  ...defaultLimits,
  deferMs: 1_000,
  progressMs: 1_000,
  drainMs: 2_000,
  commitMs: 1_000,
  trimMs: 3_000,
};

/** A place where one service runs: one process after another, as a supervisor would start them. */
export class ServiceProcess {
  #under: ProcessUnderTest | undefined;
  #host: ServiceHost<unknown> | undefined;
  #started = 0;
  #appends = 0;
  #killAt: number | undefined;

  constructor(
    readonly world: World,
    readonly service: SimulatedService,
    readonly place: number,
  ) {
    this.start();
  }

  get name(): string {
    return this.#under?.name ?? `${this.service}-${this.place}`;
  }

  get host(): ServiceHost<unknown> | undefined {
    return this.#under?.process.alive ? this.#host : undefined;
  }

  start(): void {
    const { world, service } = this;
    const { cluster, time, random, shape, product, bug } = world;
    if (this.#under?.process.alive) return;
    this.#started += 1;
    this.#appends = 0;
    this.#killAt =
      world.isFaulty && random() < shape.killAtAppend ? 1 + Math.floor(random() * 60) : undefined;
    const skew = Math.round((random() * 2 - 1) * shape.skewMs);
    const name = `${service}-${this.place}.${this.#started}`;
    const under = new ProcessUnderTest(name, cluster, time, random, skew);
    this.#under = under;
    const counted = this.#counting(under.broker);
    const broker = bug?.broker?.(service, counted) ?? counted;
    const made = product[service]({
      broker,
      runtime: under.runtime,
      artifacts: world.artifacts,
      tools: world.toolsIn(under.process),
      store: world.store?.here(under, () => this.#under === under && this.kill('as a value was kept')),
      model: { ask: (request) => world.model.ask(under.process, request) },
      talks: world.talks,
      stops: this.#stops(under.runtime),
      clockSkewMs: CLOCK_SKEW_MS,
      partitions: shape.partitions,
      salt: () => hashOf({ salt: under.runtime.random.next() }).slice(0, 22),
    });
    const spec = bug?.spec?.(service, made) ?? made;
    const limits = { ...hasty, claimAnewMs: 15_000 + Math.floor(random() * 30_000) };
    const cache = this.#cache(spec, broker, under.runtime);
    const observer = this.#observer(name);
    const host = new ServiceHost<unknown>(
      { ...spec, ...readersOf(spec, world.talks), host: name, limits },
      {
        broker,
        runtime: under.runtime,
        observer: bug?.observer?.(service, observer, under) ?? observer,
        ...(cache && { warm: (own) => cache.warm(own) }),
        consequences: {
          quarantine: this.#quarantine(broker, under.runtime),
          accepted: (partition, own, batch) => cache?.changed(partition, own, batch),
        },
      },
    );
    this.#host = host;
    world.trace(`${name} starts, clock ${skew >= 0 ? '+' : ''}${skew}`);
    void host.start(broker);
  }

  #stops(runtime: Runtime): Surveyed {
    const { switches, bug } = this.world;
    if (switches === undefined) return nothingStops;
    const here = new StopsHere(runtime, () => switches.state);
    return bug?.stops?.(this.service, here) ?? here;
  }

  /** kill -9; its supervisor starts it again. */
  kill(why: string): void {
    if (!this.#under?.process.alive) return;
    const { world } = this;
    world.strike(`kill of ${this.service}`);
    world.trace(`${this.name} is killed (${why})`);
    world.stats.kills += 1;
    this.#under.kill();
    world.time.after(world.random() * (world.isFaulty ? RESTART_MS_MAX : 200), () => this.start());
  }

  /** A rolling restart: it lets go in peace. */
  retire(): void {
    const { world } = this;
    const under = this.#under;
    const host = this.#host;
    if (under === undefined || host === undefined || !under.process.alive || under.process.asleep) return;
    world.trace(`${this.name} is retired`);
    world.stats.retired += 1;
    void host.stop().then(() => {
      under.kill();
      world.time.after(world.random() * 500, () => this.start());
    });
  }

  /** SIGSTOP for `ms`. */
  suspend(ms: number): void {
    const under = this.#under;
    const { world } = this;
    if (under === undefined || !under.process.alive || under.process.asleep) return;
    world.trace(`${under.name} sleeps for ${Math.round(ms)} ms`);
    world.stats.zombies += 1;
    under.suspend();
    world.time.after(ms, () => this.#wake(under));
  }

  /** Faults are over: whatever it was doing to itself ends. */
  heal(): void {
    this.#killAt = undefined;
    if (this.#under !== undefined) this.#wake(this.#under);
    this.start();
  }

  #wake(under: ProcessUnderTest): void {
    if (!under.process.alive || !under.process.asleep) return;
    this.world.trace(`${under.name} wakes`);
    under.wake();
  }

  /** Kills the process while its `killAt`-th append, or its answer, is on its way. */
  #counting(inner: Broker): Broker {
    return withProducers(inner, (made) => ({
      append: (topic, partition, records) => {
        this.world.stats.appends += 1;
        this.#appends += 1;
        if (this.#appends === this.#killAt) this.#killSoon();
        return made.append(topic, partition, records);
      },
      close: () => made.close(),
    }));
  }

  #killSoon(): void {
    const under = this.#under;
    this.world.time.after(this.world.random() * 8, () => {
      if (this.#under === under) this.kill(`at append ${this.#killAt}`);
    });
  }

  #cache({ cache }: SimulatedSpec, broker: Broker, runtime: Runtime): StateCache<unknown> | undefined {
    if (cache === undefined) return undefined;
    return new StateCache(broker, cache.topic, cache.codec, runtime, (error) =>
      this.world.trace(`${this.name} states not cached: ${String(error)}`),
    );
  }

  #quarantine(broker: Broker, { clock }: Runtime) {
    const quarantine = new Quarantine(
      this.service === 'schedules' ? 'orchestrator' : this.service,
      broker.producer(),
      clock,
    );
    return (partition: number, { quarantined }: { readonly quarantined: readonly Quarantined[] }): void => {
      quarantine
        .send(partition, quarantined)
        .catch(() => this.world.trace(`${this.name} could not quarantine`));
    };
  }

  /** A partition that stops, a core that throws and an effect that breaks are defects, whatever caused them. */
  #observer(name: string): HostObserver {
    const { world } = this;
    return {
      note: (level, what, facts) => {
        world.trace(`${name} ${level}: ${what} ${JSON.stringify(facts)}`);
        if (what === 'in doubt') {
          world.stats.doubts += 1;
          world.strike('doubt');
        }
        if (what === 'an effect broke' || facts.code === 'decision.threw') {
          world.defects.push(`${name}: ${what} ${JSON.stringify(facts).slice(0, 600)}`);
        }
      },
      stopped: (partition, error, fatal) => {
        world.trace(`${name} stops partition ${partition}: ${String(error)}`);
        world.defects.push(
          `${name} stopped partition ${partition}${fatal ? ' fatally' : ''}: ${String(error)}`,
        );
      },
    };
  }
}

/** A reader that is not simulated would hold every cut. */
function readersOf({ readers }: SimulatedSpec, talks: boolean): Pick<SimulatedSpec, 'readers'> {
  if (readers === undefined) return {};
  const simulated: readonly string[] = talks ? [...simulatedServices, 'planner'] : simulatedServices;
  return { readers: readers.filter((service) => simulated.includes(service)) };
}
