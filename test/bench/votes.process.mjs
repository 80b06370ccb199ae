// People who decide: starts runs that wait for them, votes, and sees each run end. A process of its own, told what to do by one message.
import { Agent } from 'node:http';
import { bearer, followEvents, post } from './requests.mjs';

/** Between one wake and the next, so that none is measured while another is under way. */
const PAUSE_MS = 10;
const WAITS_WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 30_000;

process.on('message', (task) => {
  wakes(task).then(
    (result) => process.send({ type: 'done', result }, () => process.exit(0)),
    (error) => process.send({ type: 'failed', error: String(error?.stack ?? error) }, () => process.exit(1)),
  );
});

/**
 * Has `count` runs wait, then votes: one after the other, each when the run before it has ended, or all at once.
 * @returns per run its id, when the vote was sent (UTC ms) and how long until the answer came and until the run was seen completed, and the CPU seconds of this process
 */
async function wakes({ url, operator, workflow, count, together, voter, headers }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 * count });
  const asking = bearer(operator);
  const runs = await Promise.all(Array.from({ length: count }, () => waiting(agent, url, workflow, asking)));
  const headersOf = { ...headers, ...bearer(voter) };
  const followed = [];
  for (const run of runs) followed.push(await followedToItsWait(agent, url, run, asking));
  const wake = async (run) => {
    const sentAt = performance.now();
    const ended = run.completed.then(() => performance.now() - sentAt);
    const answered = post(
      agent,
      `${url}/v1/approvals/${run.approvalId}/votes`,
      { vote: 'approve', callHash: run.callHash, reason: 'measured' },
      headersOf,
    ).then(() => performance.now() - sentAt);
    const [endedMs, answeredMs] = await Promise.all([within(ended, run.runId), answered]);
    return { runId: run.runId, sentAt: performance.timeOrigin + sentAt, endedMs, answeredMs };
  };
  const found = [];
  process.send({ type: 'measuring' });
  const cpu = process.cpuUsage();
  if (together) found.push(...(await Promise.all(followed.map(wake))));
  else
    for (const run of followed) {
      found.push(await wake(run));
      await sleep(PAUSE_MS);
    }
  const { user, system } = process.cpuUsage(cpu);
  process.send({ type: 'measured' });
  for (const { close } of followed) close();
  agent.destroy();
  return { wakes: found, driverCpuS: (user + system) / 1e6 };
}

/** A run that has come to its approval. */
async function waiting(agent, url, workflow, asking) {
  const deadline = performance.now() + WAITS_WITHIN_MS;
  const run = await post(agent, `${url}/v1/runs?wait=30s`, { workflow, input: {} }, asking);
  const approval = run.waitingFor?.find(({ kind }) => kind === 'approval');
  if (approval?.approvalId === undefined || performance.now() > deadline)
    throw new Error(`${workflow} does not wait for a person: ${JSON.stringify(run).slice(0, 500)}`);
  return { runId: run.runId, approvalId: approval.approvalId };
}

/** Resolves, with what a vote is for, when the stream has told of the opened approval: from then on only what the vote causes comes. */
async function followedToItsWait(agent, url, run, asking) {
  let complete;
  let opened;
  const completed = new Promise((resolve) => {
    complete = resolve;
  });
  const isOpen = new Promise((resolve) => {
    opened = resolve;
  });
  const close = await followEvents(agent, `${url}/v1/runs/${run.runId}/events`, asking, (type) => {
    if (type === 'approval.opened') opened();
    if (type === 'run.completed') complete();
  });
  await isOpen;
  const { callHash } = await shown(url, run, asking);
  return { ...run, callHash, completed, close };
}

const shown = async (url, { approvalId }, headers) =>
  (await fetch(`${url}/v1/approvals/${approvalId}`, { headers })).json();

function within(ended, runId) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`run ${runId} was not seen completed`)), ENDS_WITHIN_MS);
  });
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
