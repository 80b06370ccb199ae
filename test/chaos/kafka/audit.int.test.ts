import { setTimeout as after } from 'node:timers/promises';
import { seededRandom } from '@interlock/simulation';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { isSettled } from '../../e2e/system.client.ts';
import { jobsOf, Submitter } from '../workload.ts';
import {
  eventsOfRuns,
  type Followed,
  followed,
  fromKcat,
  fromPython,
  kcat,
  python,
} from './audit.readers.ts';
import type { ForeignReader } from './foreign.reader.ts';
import { KafkaSystem } from './kafka.system.ts';
import { allReady } from './service.process.ts';
import { settleAll } from './settling.ts';

const KILLS = Number(process.env.AUDIT_KILLS ?? 4);
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
/** After this, anything the process had in flight has landed, or lands only once it resumes. */
const LANDED_MS = 1_000;
const PAUSE_MS = 400;
/** A session runs out, another takes the partition, and what the first had on its way has long landed. */
const FAILOVER_MS = 20_000;

let system: KafkaSystem;
let readers: ForeignReader[];
beforeEach(async () => {
  system = await KafkaSystem.start({ orderDelayMs: 5, ledgerPauseMs: 5, apart: ['audit'] });
  readers = [kcat(system.kafka.brokers), python(system.kafka.brokers)];
});
afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.stop()));
  await system.stop();
});

test(`kcat and a Python client follow the audit stream while its service is killed ${KILLS} times`, {
  timeout: 900_000,
}, async () => {
  console.log(`seed ${SEED}`);
  const load = new Load();
  const failovers = await killAgainAndAgain();
  const killsEndedAt = Date.now();
  failovers.push(...(await sleepAndWake()));
  const runs = await load.stop();
  const ended = await settleAll(system, runs);
  expect(ended.filter((run) => !isSettled(run))).toEqual([]);
  const wanted = eventsOfRuns(await system.recorder.complete());
  const events = [...wanted.values()].reduce((sum, count) => sum + count, 0);

  const read: Followed[] = [];
  for (const [reader, parse] of [
    [readers[0] as ForeignReader, fromKcat],
    [readers[1] as ForeignReader, fromPython],
  ] as const) {
    await reader.until((lines) => lines.length >= events && followed(lines.map(parse)).kept >= events);
    read.push(followed(reader.lines.map(parse)));
  }
  const violations = violationsIn(await system.recorder.complete());
  console.log(
    [
      `${runs.length} runs, ${events} events; audit killed ${KILLS} times and stopped once until another had taken over`,
      ...['kcat', 'python'].map(
        (name, at) => `${name}: ${read[at]?.kept} events, ${read[at]?.repeats.length} repeats`,
      ),
      `of those, behind the kills: ${read[0]?.repeats.filter(({ at }) => at < killsEndedAt).length}`,
    ].join('\n'),
  );
  for (const { runs: found, gaps, different } of read) {
    expect(gaps).toEqual([]);
    expect(different).toEqual([]);
    expect(new Map([...found].map(([run, seqs]) => [run, seqs.length]))).toEqual(wanted);
  }
  const behindNone = read[0]?.repeats.filter(
    ({ at }) => !failovers.some((failover) => at >= failover && at < failover + FAILOVER_MS),
  );
  expect(behindNone).toEqual([]);
  expect(violations.filter(({ invariant }) => invariant === 'I13')).toEqual([]);
});

/** A few runs at a time, so that there is something to publish at every moment. */
class Load {
  readonly #submitter = new Submitter(jobsOf(6_000));
  #isStopped = false;
  readonly #running = this.#submit();

  async stop() {
    this.#isStopped = true;
    await this.#running;
    return [...this.#submitter.accepted.values()];
  }

  async #submit(): Promise<void> {
    while (!this.#isStopped) {
      await this.#submitter.submit(system.client, 3);
      await after(PAUSE_MS);
    }
  }
}

/** UTC ms of each kill. Every fourth falls while the one before it is not over. */
async function killAgainAndAgain(): Promise<number[]> {
  const random = seededRandom(SEED);
  const kills: number[] = [];
  while (kills.length < KILLS) {
    await after(200 + random() * 1_200); // Any instant of the work.
    kills.push(Date.now());
    await system.service('audit').kill();
    if (kills.length % 4 === 3)
      await after(random() * 1_500); // Any instant of the recovery.
    else await allReady(() => [system.service('audit')]);
  }
  return kills;
}

/**
 * Stops the process until another one has taken over, and lets it go on: what it had on its way comes late. Answers with when
 * partitions changed hands, UTC ms: another came, one slept, it woke up.
 */
async function sleepAndWake(): Promise<readonly number[]> {
  await allReady(() => [system.service('audit')]);
  const cameAt = Date.now();
  const other = system.startAnother('audit');
  await allReady(() => [other]);
  const zombie = system.service('audit');
  const sleptAt = Date.now();
  zombie.signal('SIGSTOP');
  await publishedEverywhere(Date.now() + LANDED_MS);
  zombie.signal('SIGCONT');
  const wokenAt = Date.now();
  await allReady(() => [zombie, other]);
  return [cameAt, sleptAt, wokenAt];
}

/** Resolves when something was published in every partition after `since`, UTC ms. */
async function publishedEverywhere(since: number): Promise<void> {
  const topic = 'audit.events';
  const isPublished = () => {
    const partitions = system.recorder.log.get(topic) ?? [];
    const isNew = (records: (typeof partitions)[number], partition: number) => {
      const last = records.at(-1);
      return last !== undefined && (system.recorder.landedAt(topic, partition, last.offset) ?? 0) > since;
    };
    return partitions.length > 0 && partitions.every(isNew);
  };
  await eventually('another audit process to publish in every partition', isPublished);
}
