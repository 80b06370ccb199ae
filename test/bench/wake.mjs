// wake: runs that wait for a person; from the moment a vote is sent until the run is seen completed.
import { loadavg } from 'node:os';
import { tokenOf } from './development.token.mjs';
import { inProcess } from './driver.mjs';
import { machineCpuS, usageOfAll } from './processes.mjs';
import { quantile } from './quantiles.mjs';
import { startSystem } from './systems.mjs';

const RUNS = 200;
/** The vote ends a question; a call is confirmed, checked, made and checked again after it. */
const workflows = { question: 'bench-question', call: 'bench-approved' };
const VOTER = { sub: 'ada', roles: ['lead'] };

/** One row a kind of wait and way to vote. */
export async function wake(broker, dir, _options, progress) {
  const system = await startSystem(broker, dir);
  try {
    const voter = await tokenOf(system.keysIn, VOTER.sub, VOTER.roles);
    const wake = (kind, together) => wakes(system, voter, kind, together);
    const measured = [];
    for (const kind of Object.keys(workflows)) {
      progress(`wake ${broker}: ${kind}, first ${2 * RUNS} wakes so that compilers have done their work`);
      await wake(kind, true);
      await wake(kind, false);
      for (const together of [false, true]) {
        progress(
          `wake ${broker}: ${kind}, ${RUNS} runs wait, votes ${together ? 'all at once' : 'one by one'}`,
        );
        measured.push({ kind, together, load: loadavg()[0], ...(await wake(kind, together)) });
      }
    }
    await system.stop();
    const sets = measured.map(({ wakes }) => wakes.map(({ runId, sentAt }) => ({ runId, sentAt })));
    const hops = await inProcess('./hops.process.mjs', { log: system.brokerTask, sets });
    return measured.map((row, at) => rowOf(row, hops[at]));
  } finally {
    await system.close();
  }
}

/** The wakes, and how many cores others used meanwhile: what makes a quiet measurement. */
async function wakes(system, voter, kind, together) {
  const { url, operator } = system;
  const task = { url, operator, workflow: workflows[kind], count: RUNS, together, voter };
  const pids = () => [...system.children.map(({ pid }) => pid), ...system.brokerPids()];
  const look = () => ({ at: performance.now(), all: machineCpuS(), own: usageOfAll(pids()).cpuS });
  let before;
  let after;
  const on = {
    measuring: () => {
      before = look();
    },
    measured: () => {
      after = look();
    },
  };
  const { wakes, driverCpuS } = await inProcess('./votes.process.mjs', task, on);
  const others = after.all - before.all - (after.own - before.own) - driverCpuS;
  return { wakes, othersCores: Math.max(0, (1_000 * others) / (after.at - before.at)) };
}

function rowOf({ kind, together, load, othersCores, wakes }, hops) {
  const ended = wakes.map(({ endedMs }) => endedMs);
  const answered = wakes.map(({ answeredMs }) => answeredMs);
  return {
    kind,
    votes: together ? 'all at once' : 'one by one',
    runs: wakes.length,
    load,
    othersCores,
    wakeMsP50: quantile(ended, 0.5),
    wakeMsP99: quantile(ended, 0.99),
    wakeMsMax: Math.max(...ended),
    answerMsP50: quantile(answered, 0.5),
    answerMsP99: quantile(answered, 0.99),
    hops,
  };
}
