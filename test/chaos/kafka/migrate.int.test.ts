// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflows hold expressions
import type { BulkAnswer, BulkShown, Run } from '@interlock/contracts/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { violationsIn } from '../../e2e/log.check.ts';
import { OrderCounter } from '../../e2e/order.counter.ts';
import { orderEnvironment } from '../../e2e/rollback.system.ts';
import { KafkaSystem } from './kafka.system.ts';

/** Runs of each kind. */
const EACH = Number(process.env.KAFKA_MIGRATE_RUNS ?? 4);

let orders: OrderCounter;
let system: KafkaSystem;
beforeAll(async () => {
  orders = await OrderCounter.start();
  system = await KafkaSystem.start({
    environment: { ...orderEnvironment(orders.url), INTERLOCK_CLOCK_SKEW_MS: '500' },
    apart: ['orchestrator', 'gateway'],
  });
});
afterAll(async () => {
  await system?.stop();
  await orders?.stop();
});

const order = { order: '${input.order}' };
const ship = (needs: string) => ({ needs: [needs], tool: 'orders.ship', with: order });
const go = { signal: 'go', deadline: 'P1D' };

/** What a run is in the middle of when it is told to go on as the next version, which only adds a step at the end. */
const kinds: Readonly<Record<string, { readonly steps: object; readonly last: string }>> = {
  // Where a child waits, the run above pins its version.
  'move-signal': { steps: { agree: { wait: go }, ship: ship('agree') }, last: 'ship' },
  'move-form': {
    steps: {
      address: {
        form: {
          question: 'Where to?',
          schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          roles: ['operator'],
          expires: 'P1D',
        },
      },
      ship: ship('address'),
    },
    last: 'ship',
  },
  'move-each': {
    steps: {
      each: {
        forEach: { in: '${["a", "b", "c"]}', as: 'item', concurrency: 2 },
        steps: { reserve: { tool: 'orders.reserve', with: { order: '${input.order}-${item}' } } },
      },
      ship: ship('each'),
    },
    last: 'ship',
  },
  'move-child': {
    steps: { below: { workflow: 'move-signal@1', with: order }, ship: ship('below') },
    last: 'ship',
  },
  'move-parked': {
    steps: {
      reserve: { tool: 'orders.reserve', with: order, onFailure: 'escalate' },
      ship: ship('reserve'),
    },
    last: 'ship',
  },
  'move-undone': {
    steps: { reserve: { tool: 'orders.reserve', with: order }, agree: { needs: ['reserve'], wait: go } },
    last: 'agree',
  },
};

const document = (workflow: string, version: 1 | 2) => {
  const { steps, last } = kinds[workflow]!;
  const rest = { rest: { needs: [last], wait: { for: '0.1s' } } };
  return {
    workflow,
    version,
    purpose: 'Be moved in the middle.',
    input: { type: 'object', required: ['order'], properties: { order: { type: 'string' } } },
    steps: { ...steps, ...(version === 2 && rest) },
  };
};
const publish = async (version: 1 | 2) => {
  for (const name of Object.keys(kinds)) {
    const body = { kind: 'workflow', name, version, document: document(name, version) };
    const answer = await system.client.post('/v1/artifacts', body);
    if (answer.status !== 201) throw new Error(`${name}@${version}: ${JSON.stringify(answer.body)}`);
  }
};

const tell = (runId: string, body: object) =>
  system.client.post(`/v1/runs/${runId}/commands`, { reason: 'as it was planned', ...body });
const waitsFor = (kind: string) => (run: Run) => run.waitingFor?.some((one) => one.kind === kind) === true;
const until = async (what: string, runId: string, holds: (run: Run) => boolean) => {
  let run = await system.client.run(runId);
  await eventually(
    `${what} ${runId}`,
    async () => {
      run = await system.client.run(runId);
      return holds(run);
    },
    60_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(run)}`);
  });
};
const holdUp = (place: string, action: string) =>
  orders.befalls(place, action, ...Array.from({ length: 30 }, () => 'hold-before' as const));

/** Starts one, and brings it into the middle. */
async function begun(kind: string, name: string): Promise<string> {
  if (kind === 'move-each') holdUp(`${name}-b`, 'reserve');
  if (kind === 'move-parked') orders.befalls(name, 'reserve', 'refuse');
  if (kind === 'move-undone') holdUp(name, 'release');
  const { runId } = await system.client.start(kind, { order: name }, name);
  switch (kind) {
    case 'move-each':
      await orders.holds(`${name}-b`, 'reserve');
      break;
    case 'move-child':
      await until('the child of', runId, ({ children = [] }) => children.length > 0);
      break;
    case 'move-undone':
      await until('it to wait', runId, waitsFor('signal'));
      await tell(runId, { type: 'cancel', rollback: true });
      await orders.holds(name, 'release');
      break;
    default:
      await until('it to wait', runId, ({ waitingFor = [] }) => waitingFor.length > 0);
  }
  return runId;
}

/** Lets it go on to its end. */
async function finished(kind: string, name: string, runId: string): Promise<Run> {
  const letGo = async (place: string, action: string) => {
    orders.befalls(place, action);
    const ended = async () => {
      orders.release(place, action);
      return (await system.client.run(runId)).endedAt !== undefined;
    };
    await eventually(`${name} to end`, ended, 90_000, 50);
  };
  if (kind === 'move-signal') await tell(runId, { type: 'signal', name: 'go', data: null });
  if (kind === 'move-form') await tell(runId, { type: 'answer', step: 'address', value: { city: 'Basel' } });
  if (kind === 'move-parked') await tell(runId, { type: 'retry', step: 'reserve' });
  if (kind === 'move-each') await letGo(`${name}-b`, 'reserve');
  if (kind === 'move-undone') await letGo(name, 'release');
  if (kind === 'move-child')
    for (const { runId: child } of await childrenOf(runId))
      await tell(child, { type: 'signal', name: 'go', data: null });
  return system.client.settled(runId, 90_000);
}

const childrenOf = async (runId: string) => (await system.client.run(runId)).children ?? [];

test('runs in the middle of anything are migrated once by one order, or say why not, although who tells them is killed', {
  timeout: 400_000,
}, async () => {
  await publish(1);
  const started = await Promise.all(
    Object.keys(kinds).flatMap((kind) =>
      Array.from({ length: EACH }, async (_, at) => {
        const name = `${kind}-${at}`;
        return { kind, name, runId: await begun(kind, name) };
      }),
    ),
  );
  await publish(2);
  const children = (await Promise.all(started.map(({ runId }) => childrenOf(runId)))).flat();
  expect(children).toHaveLength(EACH);

  const names = Object.keys(kinds).map((name) => JSON.stringify(name));
  const bulk = {
    filter: `run.workflow in [${names}] && run.version == 1`,
    command: { type: 'migrate', version: 2 },
    reason: 'all of them',
    commandId: 'move-all',
  };
  const { body: ordered } = await system.client.post<BulkAnswer>('/v1/bulk', bulk);
  expect(ordered.matched).toBe(started.length + EACH);
  await Promise.all(['orchestrator', 'gateway'].map((name) => system.service(name as 'gateway').kill()));
  await system.ready();
  await system.service('orchestrator').kill();
  await system.ready();
  const again = await system.client.post<BulkAnswer>('/v1/bulk', bulk);
  expect(again.body.bulkId).toBe(ordered.bulkId);

  let answers: BulkShown | undefined;
  const isAnswered = async () => {
    answers = (await system.client.get<BulkShown>(`/v1/bulk/${ordered.bulkId}?limit=500`)).body;
    return answers.counts.open === 0;
  };
  await eventually('every run to answer', isAnswered, 90_000, 100);
  const codeOf = (runId: string) => {
    const item = answers?.items.find((one) => one.runId === runId);
    return item?.result === 'refused' ? item.code : item?.result;
  };
  for (const { runId } of children) expect(codeOf(runId)).toBe('migrate.child');
  for (const { kind, runId } of started)
    expect([kind, codeOf(runId)]).toEqual([kind, kind === 'move-undone' ? 'run.ending' : 'done']);

  for (const { kind, name, runId } of started) {
    const run = await finished(kind, name, runId);
    const isUndone = kind === 'move-undone';
    expect({ kind, status: run.status, version: run.workflow.version }).toEqual({
      kind,
      status: isUndone ? 'rolled_back' : 'completed',
      version: isUndone ? 1 : 2,
    });
    const types = (await system.client.events(runId)).map(({ type }) => type);
    expect(types.filter((type) => type === 'run.migrated')).toHaveLength(isUndone ? 0 : 1);
    if (!isUndone) expect(Object.keys(run.output ?? {})).toContain('rest');
  }
  expect(await system.stopServices()).toEqual([]);
  const log = await system.recorder.complete();
  expect(violationsIn(log, orders.asTargetRequests())).toEqual([]);
});
