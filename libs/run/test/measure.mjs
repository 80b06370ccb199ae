// Microseconds per decision: node libs/run/test/measure.mjs [steps] [read|write] [runs]; needs the compiled packages.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import { hashOf } from '@interlock/contracts';
import { encodeState, runActor } from '@interlock/run';

const [length = 10, effect = 'write', runs = 300] = process.argv
  .slice(2)
  .map((word) => (Number.isNaN(Number(word)) ? word : Number(word)));

const steps = Array.from({ length }, (_, index) => ({
  kind: 'tool',
  id: `s${index}`,
  needs: index === 0 ? [] : [`s${index - 1}`],
  tool: 'orders.get',
  version: 1,
  toolHash: hashOf('orders.get'),
  effect,
  timeoutMs: 1_000,
  timeout: { attemptMs: 1_000 },
  ...(effect === 'write' ? { recovery: { by: 'idempotency-key' } } : {}),
  with:
    index === 0
      ? { id: '${input.id}' }
      : { id: `\${steps.s${index - 1}.output.id}`, note: 'a constant text' },
}));
const budget = { tokens: 0, costUsd: 1e6, steps: 1e6, toolCalls: 1e6, durationMs: 3_600_000 };
const form = {
  name: 'w',
  version: 1,
  purpose: 'p',
  inputSchema: {},
  output: '${steps.s0.output.id}',
  budget,
  steps,
};
const compiled = { ...form, hash: hashOf(form) };
const actor = runActor({ workflow: () => ({ compiled }), tool: () => ({ costUsd: 0.001 }) });
const output = { id: 7, text: 'x'.repeat(150), nested: { a: 1, b: [1, 2, 3] } };

function play(runId, marks) {
  let state;
  let seq = 0;
  let callRequest;
  let check;
  let decisions = 0;
  let now = 1_000_000;
  const give = (topic, type, data) => {
    now += 1;
    const meta = { id: '', epoch: 0, index: 0, time: now, run: runId };
    const input = { kind: 'message', message: { topic, offset: 0, key: runId, type, data, meta } };
    const { events } = actor.decide(input, state, { now, held: [], isRunning: () => false }, runId);
    for (const { type, data } of events) {
      seq += 1;
      const event = { type, data, id: `${runId}/${seq}`, seq, time: now };
      state = actor.evolve(state, event, runId);
      if (type === 'call.requested') callRequest = event;
      if (type === 'call.recorded') check = event;
    }
    actor.due(state, { held: [], isRunning: () => false });
    decisions += 1;
    return events.at(-1)?.type;
  };
  const verdict = {
    verdict: 'allow',
    bundle: 'b',
    policies: ['p'],
    reason: 'r',
    inputDigest: 'd',
    mode: 'enforce',
  };
  const by = { sub: 'ada', roles: ['operator'] };
  const workflow = { name: 'w', version: 1, hash: compiled.hash };
  give('run.commands', 'run.start', {
    commandId: 'c',
    runId,
    by,
    issuedAt: now,
    workflow,
    input: { id: 1 },
    requestHash: 'r',
    salt: 'a-salt-of-128-bits-0_0',
  });
  let last;
  for (let step = 0; step < length; step += 1) {
    const begin = process.hrtime.bigint();
    const { id: requestId, data } = callRequest;
    const { callHash } = data;
    give('policy.events', 'policy.decided', {
      ...verdict,
      checkId: requestId,
      point: 'before',
      callHash,
    });
    give('tool.events', 'tool.succeeded', { requestId, output, tookMs: 1 });
    last = give('policy.events', 'policy.decided', {
      ...verdict,
      checkId: check.id,
      point: 'after',
      requestId,
    });
    marks?.push(Number(process.hrtime.bigint() - begin) / 1_000);
  }
  if (last !== 'run.completed') throw new Error(`ended with ${last}`);
  return { decisions, events: seq, state };
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
for (let index = 0; index < Math.min(50, runs); index += 1) play(`warm-${index}`);
const begin = process.hrtime.bigint();
let decisions = 0;
let events = 0;
const marks = [];
for (let index = 0; index < runs; index += 1) {
  const done = play(`run-${index}`, marks);
  decisions += done.decisions;
  events += done.events;
}
const us = Number(process.hrtime.bigint() - begin) / 1_000;
console.log(
  `${length} ${effect} steps, ${runs} runs: ${(us / decisions).toFixed(1)} us a decision, ${(us / events).toFixed(1)} us an event, ${(us / runs / length).toFixed(1)} us a step`,
);
const byPlace = (from, to) =>
  median(marks.filter((_, index) => index % length >= from && index % length < to));
if (length >= 200)
  console.log(
    `step ${1}-100: ${byPlace(0, 100).toFixed(1)} us; last 100: ${byPlace(length - 100, length).toFixed(1)} us; middle: ${byPlace(length / 2 - 50, length / 2 + 50).toFixed(1)} us`,
  );
console.log(`finished state: ${encodeState(play('size').state).length} bytes`);
