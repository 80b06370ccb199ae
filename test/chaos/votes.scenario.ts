import { setTimeout as after } from 'node:timers/promises';
import type { Approval } from '@interlock/contracts/http';
import { seededRandom } from '@interlock/simulation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { requestsAt, violationsIn } from '../e2e/log.check.ts';
import { type Address, Person } from '../e2e/person.ts';
import type { StoredLog } from '../e2e/stored.log.ts';
import { type Run, SystemClient } from '../e2e/system.client.ts';
import { tillRequestsIn } from '../e2e/till.module.ts';
import { AnswerLine } from './answer.line.ts';
import { shuffled } from './kafka/shuffled.ts';
import { Voters, votersOf } from './voters.ts';
import { votesIn } from './votes.log.ts';

/** A system whose services are killed and started again while people vote. */
export interface VotingSystem extends Address {
  readonly tillFile: string;
  /** `kill -9`; it is started again at once. */
  kill(victim: string): Promise<void>;
  /** Resolves when every service is ready. */
  ready(): Promise<void>;
  /** Stops every service and answers with all that was ever stored. */
  finish(): Promise<StoredLog>;
  remove(): Promise<void>;
}

const RUNS = 60;
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

/** Whoever answers votes. */
const answering: ReadonlySet<string> = new Set(['gateway', 'everything']);

interface Kill {
  readonly victim: string;
  /** It was killed with an answer of its own on the way. */
  readonly isAnswerLost: boolean;
  /** Votes that had been answered. */
  readonly answered: number;
  /** Votes that were under way. */
  readonly unanswered: number;
  /** Absent: the next one died before. */
  readonly readyAfterMs?: number;
}

/** `isExecutorKilled`: a payment may then be asked for again under its key, and the till sees that it is the same. */
export function votesSurvive(
  start: () => Promise<VotingSystem>,
  victims: readonly string[],
  { isExecutorKilled = false } = {},
): void {
  let system: VotingSystem;
  let line: AnswerLine;
  beforeAll(async () => {
    system = await start();
    line = await AnswerLine.open(() => system.url);
  });
  afterAll(async () => {
    await line?.close();
    await system?.remove();
  });

  test(`${RUNS} runs wait for two people each, ${victims.length} kills: no vote is lost or counted twice`, {
    timeout: 600_000,
  }, async () => {
    console.log(`seed ${SEED}`);
    const random = seededRandom(SEED);
    const rita = new Person(system, 'rita', ['operator']);
    const behindLine = { url: line.url, keys: system.keys };
    const [ada, bela] = [
      new Person(behindLine, 'ada', ['finance']),
      new Person(behindLine, 'bela', ['finance']),
    ];
    const approvals = await untilAllWait(rita);
    const votes = shuffled(
      approvals.flatMap(({ approvalId }) => [ada, bela].map((by) => ({ approvalId, by }))),
      random,
    );
    const voters = new Voters(random);
    const startedAt = performance.now();
    const kills = await voteAndKill(voters, votes);
    const votedAfterMs = performance.now() - startedAt;
    await system.ready();
    await untilAllCompleted();
    const completedAfterMs = performance.now() - startedAt;
    const decided = await inbox(rita, 'granted');
    const log = await system.finish();

    expect(decided.map(votersOf)).toEqual(approvals.map(() => ['ada', 'bela']));
    const { counted, refused, sent, sentAgain } = votesIn(log);
    expect(counted.toSorted()).toEqual(votes.map(({ approvalId, by }) => `${approvalId} ${by.sub}`).sort());
    expect(refused).toEqual([]);
    const requests = tillRequestsIn(system.tillFile);
    expect(keysByEntry(requests)).toEqual(entries.map((entry) => [entry, 1]).sort());
    if (!isExecutorKilled) expect(requests).toHaveLength(RUNS);
    expect(violationsIn(log, requestsAt('till.pay', requests))).toEqual([]);
    expect(kills.filter(({ unanswered }) => unanswered > 0).length).toBeGreaterThan(victims.length / 4);
    expect(kills.at(-1)?.answered).toBeGreaterThan(votes.length / 2);
    const answersLost = kills.filter(({ isAnswerLost }) => isAnswerLost).length;
    expect(answersLost).toBeGreaterThan(0);
    expect(line.lost).toBeGreaterThanOrEqual(answersLost);
    expect(voters.lost.answers).toBeGreaterThanOrEqual(line.lost);
    expect(sentAgain).toBeGreaterThan(0);
    console.log(
      [
        `${counted.length} votes of ${sent} commands counted, ${sentAgain} of them came again; ${requests.length} payments asked for`,
        `answers lost ${voters.lost.answers}, ${line.lost} of them to votes that are made, 503 ${voters.lost.unavailable}, nobody there ${voters.lost.refusedConnections}, sent twice at once ${voters.sentTwiceAtOnce}`,
        `all votes answered after ${seconds(votedAfterMs)}, all runs completed after ${seconds(completedAfterMs)}`,
        ...kills.map(
          ({ victim, isAnswerLost, answered, unanswered, readyAfterMs }) =>
            `  ${victim}: ${answered} votes answered, ${unanswered} under way${isAnswerLost ? ', an answer lost' : ''}, ready again after ${readyAfterMs ?? '-'} ms`,
        ),
      ].join('\n'),
    );
  });

  /** Kills in the midst of votes, whoever answers them after an answer that reaches nobody; after every fourth kill the next falls while the system still recovers. */
  async function voteAndKill(voters: Voters, votes: Parameters<Voters['cast']>[0]): Promise<Kill[]> {
    const { random } = voters;
    const kills: Kill[] = [];
    const casts: Promise<void>[] = [];
    const failures: Error[] = [];
    const share = votes.length / victims.length;
    for (const [place, victim] of shuffled(victims, random).entries()) {
      const cast = voters.cast(votes.slice(Math.round(place * share), Math.round((place + 1) * share)));
      casts.push(cast.catch((error: Error) => void failures.push(error)));
      const isRecovering = place % 4 === 0 && place > 0;
      const isAnswerLost = answering.has(victim) && !isRecovering;
      const some = Math.floor(random() * share * 0.6);
      if (isAnswerLost) {
        // Those of before are answered first, so that votes get on however often whoever answers them dies.
        line.holdAfter(Math.round(place * share) - voters.answered + some);
        await line.holds();
      } else await voters.inTheMidst(some, isRecovering ? 300 : 1_500);
      const { answered, waiting: unanswered } = voters;
      const killedAt = performance.now();
      await system.kill(victim);
      line.lose();
      const kill = { victim, isAnswerLost, answered, unanswered };
      if (place % 4 === 3) {
        await after(200 + random() * 800); // Any instant of the recovery.
        kills.push(kill);
        continue;
      }
      await system.ready();
      if (failures.length > 0) break;
      kills.push({ ...kill, readyAfterMs: Math.round(performance.now() - killedAt) });
    }
    await Promise.all(casts);
    if (failures.length > 0) throw failures[0];
    return kills;
  }

  async function untilAllCompleted(): Promise<void> {
    const client = new SystemClient(system.url, system.keys);
    let runs: Run[] = [];
    const isDone = async () => {
      runs = await client.runs().catch(() => runs);
      return runs.length === RUNS && runs.every(({ status }) => status === 'completed');
    };
    await eventually('every run to be completed', isDone, 120_000).catch(async (error: Error) => {
      const open = runs.filter(({ status }) => status !== 'completed');
      const seen = await Promise.all(open.slice(0, 3).map(({ runId }) => client.events(runId)));
      throw new Error(
        [
          `${error.message}: ${open.length} of ${runs.length} are not`,
          ...open.slice(0, 3).map((run) => JSON.stringify(run)),
          ...seen.map((events) => events.map(({ seq, type }) => `${seq} ${type}`).join(', ')),
        ].join('\n'),
      );
    });
  }
}

const entries = Array.from({ length: RUNS }, (_, index) => `entry-${index}`);

/** Starts the runs; resolves with their approvals when every one waits. */
async function untilAllWait(rita: Person): Promise<Approval[]> {
  await Promise.all(
    entries.map(async (entry) => {
      const body = { workflow: 'pay-dual', input: { entry, cents: 1 } };
      expect((await rita.ask('POST', '/v1/runs', body)).status).toBe(202);
    }),
  );
  let waiting: Approval[] = [];
  await eventually(`${RUNS} runs to wait for people`, async () => {
    waiting = await inbox(rita, 'pending');
    return waiting.length === RUNS;
  });
  return waiting;
}

const inbox = async (person: Person, status: Approval['status']): Promise<Approval[]> =>
  (await person.ask<{ items: Approval[] }>('GET', `/v1/approvals?status=${status}&limit=500`)).body.items;

/** Under how many keys the till was asked for each entry. */
const keysByEntry = (requests: ReturnType<typeof tillRequestsIn>): [string, number][] =>
  [...Map.groupBy(requests, ({ entry }) => entry)]
    .map(([entry, several]): [string, number] => [entry, new Set(several.map(({ key }) => key)).size])
    .sort(([a], [b]) => (a < b ? -1 : 1));

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
