// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format

import * as contracts from '@interlock/contracts';
import { Catalogue, hashOf, type MessageDefinition, problemOf } from '@interlock/contracts';
import { lastEventId } from '@interlock/contracts/http';
import { decideByTable, ExpressionError, evaluate, resolve } from '@interlock/language';
import { open } from '@interlock/log';
import { describeRun } from '@interlock/run';
import { classify, DeclaredFailure, defineTool, HttpStatusError } from '@interlock/tools';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseJsonObject } from '../../apps/gateway/src/http/json-body.ts';
import { keyOf, read as readPart, valueIn } from '../../apps/gateway/src/http/request.schema.ts';
import { outcomeOf } from '../../apps/planner/src/plan.runner.ts';
import { runTool } from '../../apps/tool-executor/src/tool-run.ts';
import { after, before, run, succeeded } from '../../libs/run/test/run-scenario.ts';
import { read, workflow } from '../../libs/run/test/workflows.ts';
import { HostBench } from '../simulation/faults/host.bench.ts';
import { hosts } from '../simulation/faults/hosts.ts';

/** What became of a value: refused with words that say why, or recorded as it is written here. */
type Answer = { readonly refused: string } | { readonly recorded: unknown };
/** A value as JSON text says it, or as code of a tool gives it. */
interface Hostile {
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
}

const said = (name: string, text: string): Hostile => {
  try {
    return { name, text, value: JSON.parse(text) };
  } catch {
    return { name, text, value: text };
  }
};
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const hostile: readonly Hostile[] = [
  said('nothing hostile', '{"a":[1,"x",null,true,{"b":0.5}]}'),
  said('half a character', '"order note \\ud83d"'),
  said('the other half', '"\\ude00"'),
  said('the halves the wrong way round', '"\\ude00\\ud83d"'),
  said('half a character in a key', '{"\\ud83d":1}'),
  said('a whole character', '"\\ud83d\\ude00"'),
  said('U+0000', '"\\u0000"'),
  said('1e300', '1e300'),
  said('1e999', '1e999'),
  said('-0', '-0'),
  said('2^53-1', '9007199254740991'),
  said('2^53', '9007199254740992'),
  said('2^53+1', '9007199254740993'),
  said('-2^53-1', '[-9007199254740993]'),
  said('a long fraction', '0.1000000000000000055511151231257827'),
  said('a negative whole number', '-1'),
  said('a fraction', '1.5'),
  said('the last instant', '8640000000000000'),
  said('behind the last instant', '8640000000000001'),
  said('64 levels', nested(60)),
  said('100 levels', nested(100)),
  said('10,000 levels', nested(10_000)),
  said('100,000 levels', nested(100_000)),
  said('5 MB of text', `"${'x'.repeat(5_000_000)}"`),
  said('300 KB of text', `"${'\\u00e9'.repeat(150_000)}"`),
  said('a key __proto__', '{"__proto__":{"admin":true}}'),
  said('a key constructor', '{"a":[{"constructor":1}]}'),
  said('a key that is there twice', '{"a":1,"a":2}'),
  said('text that runs backwards', '"\\u202eabc\\u2066"'),
  said('a byte order mark', '"\\ufeff"'),
  said('line separators', '"\\u2028\\u2029"'),
  said('no JSON', '{"a":'),
  { name: 'NaN', text: 'NaN', value: Number.NaN },
  { name: 'Infinity', text: 'Infinity', value: Number.POSITIVE_INFINITY },
  { name: 'a bigint', text: '1n', value: 10n },
  { name: 'a function', text: 'f()', value: () => 1 },
  { name: 'undefined', text: '', value: undefined },
  { name: 'a symbol', text: 'Symbol()', value: Symbol('s') },
  { name: 'a map', text: 'Map', value: new Map([['a', 1]]) },
  {
    name: 'a getter that throws',
    text: 'get',
    value: {
      get a(): number {
        throw new Error('no');
      },
    },
  },
  { name: 'a proxy that throws', text: 'proxy', value: new Proxy({}, { ownKeys: () => [1] as never }) },
  { name: 'a circle', text: 'circle', value: circle() },
  { name: 'without a prototype', text: 'null', value: Object.assign(Object.create(null), { a: '\ud83d' }) },
];

function circle(): unknown {
  const round: { self?: unknown } = {};
  round.self = round;
  return round;
}

const recorded = (value: unknown): Answer => ({ recorded: value });
const refused = (why: unknown): Answer => ({ refused: why instanceof Error ? why.message : String(why) });

function trying(work: () => unknown, expected: (error: unknown) => boolean): Answer {
  try {
    return recorded(work());
  } catch (error) {
    if (!expected(error)) throw error;
    return refused(error);
  }
}

const isProblem = (error: unknown): boolean => error instanceof Error && error.name === 'Problem';
const model = { prices: { inputUsd: 1, outputUsd: 1 } } as never;
const body = { tools: [{ function: { name: 'orders__get' } }], messages: [], max_tokens: 1 } as never;

function fromModel(message: object): Answer {
  const text = JSON.stringify({ choices: [{ finish_reason: 'stop', message }] });
  const { outcome } = outcomeOf({ kind: 'answered', text }, model, body);
  return outcome.kind === 'proposed' ? recorded(outcome.proposal) : refused(outcome.failure.message);
}

const anything = z.unknown();
const context = {
  fail: (failure: unknown) => {
    throw new DeclaredFailure(failure);
  },
} as never;
async function fromTool(act: (context: { fail(failure: unknown): never }) => unknown): Promise<Answer> {
  const tool = defineTool({
    name: 'any.tool',
    version: 1,
    description: '',
    effect: 'read',
    risk: 'low',
    audience: 'test',
    timeout: '1s',
    input: z.object({}),
    output: anything,
    failure: z.object({ code: z.literal('no'), why: anything }),
    run: (_input, given) => act(given as never) as never,
  });
  const end = await runTool(
    tool,
    {},
    context,
    () => 0,
    () => {},
  );
  if (end.kind === 'succeeded') return recorded(end.output);
  // A failure is on record too: its words and its data.
  return end.kind === 'failed' ? recorded(end.failure) : refused(JSON.stringify(end));
}

/** A record of this message as anybody who may write the topic can write it. */
function fromTopic(
  definition: MessageDefinition,
  dataText: (text: string) => string,
): (one: Hostile) => Answer {
  const catalogue = new Catalogue([definition]);
  return ({ text }) =>
    trying(
      () => catalogue.parse(definition.wire, Buffer.from(dataText(text))).data,
      (error) => error instanceof contracts.BrokenMessageError,
    );
}

const by = '{"sub":"ada","roles":["operator"]}';
const command = `"commandId":"c","runId":"r","by":${by},"issuedAt":1,"reason":"x"`;
const about = '"requestId":"r/1","callHash":"h","tookMs":1';

const entrances: Readonly<Record<string, (one: Hostile) => Answer | Promise<Answer>>> = {
  'the input of a start over HTTP': ({ text }) =>
    trying(() => parseJsonObject(Buffer.from(`{"workflow":"w","input":${text}}`)), isProblem),
  'the data of a signal over HTTP': ({ text }) =>
    trying(
      () => parseJsonObject(Buffer.from(`{"type":"signal","reason":"r","name":"go","data":${text}}`)),
      isProblem,
    ),
  'the reason of a vote over HTTP': ({ text }) =>
    trying(() => parseJsonObject(Buffer.from(`{"vote":"approve","reason":${text}}`)), isProblem),
  'the document of an artifact over HTTP': ({ text }) =>
    trying(
      () => parseJsonObject(Buffer.from(`{"kind":"table","name":"t","version":1,"document":${text}}`)),
      isProblem,
    ),
  'an Idempotency-Key': ({ value }) => trying(() => keyOf({ 'idempotency-key': value }) ?? null, isProblem),
  'a Last-Event-ID': ({ value }) =>
    trying(() => readPart(lastEventId, valueIn(lastEventId, value), 'Last-Event-ID'), isProblem),
  'the arguments that a model sends as text': ({ text }) =>
    fromModel({
      tool_calls: [{ function: { name: 'orders__get', arguments: `{"arguments":{"a":${text}}}` } }],
    }),
  'the document that a model writes': ({ text }) =>
    fromModel({ content: `{"output":${text},"confidence":1}` }),
  'the words of a model': ({ text }) =>
    fromModel({ content: `{"output":1,"confidence":${text},"reasoning":${text},"evidence":[${text}]}` }),
  'the output of a tool': ({ value }) => fromTool(() => value),
  'a field in the output of a tool': ({ value }) => fromTool(() => ({ a: [value] })),
  'the declared failure of a tool': ({ value }) => fromTool(({ fail }) => fail({ code: 'no', why: value })),
  'an undeclared failure of a tool': ({ value }) => fromTool(({ fail }) => fail(value)),
  'what a tool throws': ({ value }) =>
    fromTool(() => {
      throw value;
    }),
  'the message of an error of a tool': ({ text }) =>
    fromTool(() => {
      throw new HttpStatusError(503, `m${text}`);
    }),
  'a Retry-After': ({ value }) =>
    recorded(classify(Object.assign(new Error('e'), { status: 429, retryAfter: value }), 0).failure),
  'the result of an expression': ({ value }) =>
    fromExpression(() => evaluate('[input.v, input.v]', scopeOf(value))),
  'the text of an expression': ({ value }) => fromExpression(() => evaluate('input.v + "x"', scopeOf(value))),
  'a cut text in an expression': ({ value }) =>
    fromExpression(() => evaluate('input.v.substring(0, 1)', scopeOf(value))),
  'a split text in an expression': ({ value }) =>
    fromExpression(() => evaluate('input.v.split("")', scopeOf(value))),
  'a template': ({ value }) => fromExpression(() => resolve({ t: 'is ${input.v}' }, scopeOf(value))),
  'the output of a table': ({ value }) =>
    fromExpression(() =>
      decideByTable({ rules: [{ when: 'true', then: { t: '${[input.v]}' } }] }, scopeOf(value)),
    ),
  'a start in run.commands': fromTopic(
    contracts.StartRun,
    (text) =>
      `{"commandId":"c","runId":"r","by":${by},"issuedAt":1,"workflow":{"name":"w","version":1,"hash":"h"},"requestHash":"h","salt":"${'s'.repeat(22)}","input":${text}}`,
  ),
  'a signal in run.commands': fromTopic(
    contracts.SignalRun,
    (text) => `{${command},"name":"go","data":${text}}`,
  ),
  'a cancel in run.commands': fromTopic(contracts.CancelRun, (text) => `{${command},"rollback":${text}}`),
  'a success in tool.events': fromTopic(contracts.ToolSucceeded, (text) => `{${about},"output":${text}}`),
  'a failure in tool.events': fromTopic(
    contracts.ToolFailed,
    (text) => `{${about},"failure":{"class":"domain","code":"c","message":"m","data":${text}}}`,
  ),
  'an outcome in tool.handover': fromTopic(
    contracts.HandOverOutcome,
    (text) => `{"requestId":"r/1","callHash":"h","runId":"r","outcome":{"ok":true,"output":${text}}}`,
  ),
  'a proposal in plan.events': fromTopic(
    contracts.PlanProposed,
    (text) =>
      `{"planId":"p","model":"m","tookMs":1,"proposal":{"calls":[],"output":${text},"confidence":1,"reasoning":"","alternatives":[],"evidence":[]}}`,
  ),
  'the time of a start in run.commands': (one) =>
    asInstant(
      fromTopic(
        contracts.StartRun,
        (text) =>
          `{"commandId":"c","runId":"r","by":${by},"issuedAt":${text},"workflow":{"name":"w","version":1,"hash":"h"},"requestHash":"h","salt":"${'s'.repeat(22)}","input":1}`,
      )(one),
    ),
  'the time of a signal in run.commands': (one) =>
    asInstant(
      fromTopic(
        contracts.SignalRun,
        (text) =>
          `{"commandId":"c","runId":"r","by":${by},"issuedAt":${text},"reason":"x","name":"go","data":1}`,
      )(one),
    ),
  'the time in the header of a record': (one) => asInstant(fromHeader(one)),
  'the clock of a host': fromClock,
  'a timer of an actor': fromTimer,
  'a document in artifact.commands': fromTopic(
    contracts.PublishArtifact,
    (text) =>
      `{"commandId":"c","by":${by},"issuedAt":1,"kind":"table","name":"t","version":1,"document":${text}}`,
  ),
};

/** What is not refused can be shown as an instant. */
const asInstant = (answer: Answer): Answer =>
  'recorded' in answer
    ? recorded({ ...(answer.recorded as object), shown: new Date(instantIn(answer.recorded)).toISOString() })
    : answer;

const instantIn = (said: unknown): number =>
  (said as { issuedAt?: number; time?: number }).issuedAt ?? (said as { time: number }).time;

/** The header of a record as anybody who may write a topic can write it. */
function fromHeader({ text }: Hostile): Answer {
  const m = Buffer.from(`{"id":"i","run":"r","time":${text}}`);
  const headers = { t: Buffer.from(contracts.StartRun.wire), m, h: Buffer.alloc(64) };
  const opened = open({ key: 'r', headers, value: Buffer.from('{}') });
  return opened === undefined ? refused('the record is not ours') : recorded({ time: opened.meta.time });
}

/** A host whose clock says this, from one moment on: what it records, or the words in which it stops. */
async function fromClock({ value }: Hostile): Promise<Answer> {
  const bench = await HostBench.open(hosts.control!);
  bench.clock = () => value as number;
  await bench.put(contracts.controlCommands.name, stopEverything);
  await bench.pass(60_000);
  const [said] = bench.said();
  if (said !== undefined) return recorded(said);
  expect(bench.notes).toContain('in doubt');
  return refused(bench.notes.find((words) => words.includes('not an instant')) ?? '');
}

const stopEverything = contracts.StopCalls({
  commandId: 'c',
  by: { sub: 'ada', roles: ['operator'] },
  issuedAt: 1,
  scope: { all: true },
  compensations: false,
  reason: 'r',
});

/** An actor that wants to be asked then, once. Whatever it says, others are answered, and it is not asked for ever. */
async function fromTimer({ value }: Hostile): Promise<Answer> {
  let asked = 0;
  const bench = await HostBench.open((of) => {
    const spec = hosts.control!(of);
    const decide: typeof spec.actor.decide = (input, ...rest) => {
      if (input.kind === 'due') asked += 1;
      return spec.actor.decide(input, ...rest);
    };
    const due = () => (asked > 0 ? undefined : (value as number));
    return { ...spec, actor: { ...spec.actor, decide, due } };
  });
  await bench.put(contracts.controlCommands.name, stopEverything);
  await bench.pass(60_000);
  expect(bench.said()).toHaveLength(1);
  expect(asked).toBeLessThanOrEqual(1);
  const refusal = bench.notes.find((words) => words.includes('not an instant'));
  return refusal === undefined ? recorded({ asked }) : refused(refusal);
}

const scopeOf = (v: unknown) => ({ input: { v }, steps: {}, run: { id: 'r' } });

/** Scopes hold values only: what a tool could give besides never gets there. */
function fromExpression(work: () => unknown): Answer {
  return trying(work, (error) => error instanceof ExpressionError);
}
const needsValue = /expression|template|table/;
const isTakenBy = (entrance: string, { value }: Hostile): boolean => {
  if (entrance === 'the clock of a host') return typeof value === 'number';
  return !needsValue.test(entrance) || problemOf(value) === undefined;
};

let judged = 0;
let isRefused = 0;

describe.each(Object.entries(entrances))('%s', (name, enter) => {
  test('refuses a hostile value with words, or records what can be written, hashed and read again', async () => {
    for (const one of hostile) {
      if (!isTakenBy(name, one)) continue;
      const answer = await enter(one);
      judged += 1;
      if ('refused' in answer) {
        isRefused += 1;
        expect(answer.refused.length, one.name).toBeGreaterThan(0);
        expect(answer.refused.isWellFormed(), one.name).toBe(true);
        continue;
      }
      expect(problemOf(answer.recorded, { depthMax: 128 }), `${name}: ${one.name}`).toBeUndefined();
      const again = JSON.parse(JSON.stringify(answer.recorded));
      expect(hashOf(again), one.name).toBe(hashOf(answer.recorded));
    }
  });
});

test('a run that is given any value goes on, ends, or waits for something with a name', () => {
  for (const { name, value } of hostile) {
    if (problemOf(value) !== undefined) continue;
    const form = workflow([
      read('order'),
      read('next', { needs: ['order'], with: { v: '${steps.order.output}', t: '${steps.order.output}' } }),
    ]);
    const scenario = run(form);
    scenario.when(before(scenario, 'order'));
    const answer = succeeded(scenario, 'order', value);
    try {
      scenario.when(answer);
    } catch {
      scenario.whenBroken(answer);
    }
    if (scenario.state?.parked === null) scenario.when(after(scenario, 'order'));
    const { end, ready } = scenario.state!;
    const waits = describeRun(scenario.state!).waitingFor?.length ?? 0;
    expect(end !== null || waits + ready.length > 0, name).toBe(true);
  }
});

test('what passes the boundary can always be written, hashed and read again as the same value', () => {
  const unit = fc.constantFrom('\ud83d', '\ude00', 'a', '\u0000', '__proto__', 'constructor', '\u202e');
  const text = fc.array(unit, { maxLength: 4 }).map((parts) => parts.join(''));
  const number = fc.oneof(fc.double(), fc.constantFrom(-0, 2 ** 53, 2 ** 53 - 1, 1e300, Number.NaN));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      text,
      number,
      fc.constantFrom(null, true, undefined),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(text, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, (one) => {
      if (problemOf(one) !== undefined) return;
      const again = JSON.parse(JSON.stringify(one) ?? 'null');
      expect(hashOf(again)).toBe(hashOf(one));
      expect(problemOf(again)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

afterAll(() => {
  const counted = `${hostile.length} values x ${Object.keys(entrances).length} entrances`;
  process.stdout.write(`${counted}: ${judged} judged, ${isRefused} refused with words\n`);
});
