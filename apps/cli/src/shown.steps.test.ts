import { expect, test } from 'vitest';
import { waitingRun } from './people.fixture.js';
import { type StepHistory, shownSteps } from './run.steps.js';
import { run, TestServer } from './server.fixture.js';

const row = (step: string, state: string): StepHistory => ({
  step,
  state,
  does: '',
  attempts: 1,
  startedAt: '2026-11-22T09:15:00.000Z',
  at: '2026-11-22T09:15:00.000Z',
  note: '',
});

test('of a long loop those are shown that have failed or are under way, and the latest', () => {
  const items = [...Array(1_000).keys()];
  const loop = items.map((item) => row(`lines[${item}]/price`, item === 3 ? 'failed' : 'completed'));
  const { shown, left } = shownSteps([row('order', 'completed'), ...loop]);
  expect([shown.length, left]).toEqual([200, 801]);
  expect(shown.slice(0, 2).map(({ step }) => step)).toEqual(['order', 'lines[3]/price']);
  expect(shown.at(-1)?.step).toBe('lines[999]/price');
});

test('what is left out of a long loop can be listed, by the command that is shown', async () => {
  const server = new TestServer();
  await server.start();
  const { waitingFor: _none, ...quiet } = waitingRun;
  const about = { time: waitingRun.startedAt, actor: 'orchestrator' };
  const items = [...Array(201).keys()].flatMap((item) => [
    {
      ...about,
      seq: 2 * item + 1,
      type: 'call.requested',
      data: { step: `lines[${item}]/price`, tool: 'p' },
    },
    {
      ...about,
      seq: 2 * item + 2,
      type: 'step.completed',
      data: { step: `lines[${item}]/price`, via: 'call' },
    },
  ]);
  server.on('GET /v1/runs/run-7', [200, quiet]);
  server.on('GET /v1/runs/run-7/events?limit=10000', [200, { items }]);
  const { out } = await run(server.url, ['run', 'show', 'run-7']);
  server.stop();
  expect(out).toContain('and 1 steps of loops that are over: ./interlock run steps run-7 --url');
});
