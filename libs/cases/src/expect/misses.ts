import type { Path } from '@interlock/language';
import type { Expectation } from '../case/expect.schema.js';
import { type CaseProblem, shown } from '../play/case.problem.js';
import type { Came, EndedStep } from '../play/played.js';
import type { MadeCall } from '../play/scripted.tools.js';
import { isTool } from '../play/step.pattern.js';
import type { AskedPeople } from '../play/voters.js';
import { differencesOf } from './difference.js';

/** What came otherwise than a case expects, each with what was expected and what came. @param at of `expect` in the file */
export function missesOf(expect: Expectation, played: Came, at: Path): CaseProblem[] {
  const { run } = played;
  return [
    ...(expect.status === undefined ? [] : statusMiss(expect.status, played, [...at, 'status'])),
    ...(expect.success === undefined ? [] : valueMisses(expect.success, run?.success, [...at, 'success'])),
    ...(expect.output === undefined ? [] : valueMisses(expect.output, run?.output, [...at, 'output'])),
    ...failureMisses(expect.failure, run?.failure, [...at, 'failure']),
    ...pathMisses(expect.path, played.path, [...at, 'path']),
    ...callMisses(expect.calls, played.calls, [...at, 'calls']),
    ...forbiddenMisses(expect.forbidden, played.calls, [...at, 'forbidden']),
    ...askedMisses(expect.asked, played.asked, [...at, 'asked']),
    ...waitMisses(expect.waitingFor, run?.waitingFor ?? [], [...at, 'waitingFor']),
  ];
}

const valueMisses = (expected: unknown, got: unknown, at: Path): CaseProblem[] =>
  differencesOf(expected, got, at).map((one) => missAt(one.path, one.expected, one.got));

export const missAt = (path: Path, expected: unknown, got: unknown, more = ''): CaseProblem => ({
  path,
  message: `expected ${shown(expected)}, got ${shown(got)}${more}`,
  expected,
  got,
});

/** With why a run failed, or what it waits for: that is what its author asks next. */
function statusMiss(expected: string, { run }: Came, at: Path): CaseProblem[] {
  if (run?.status === expected) return [];
  const { status = 'no run', failure, waitingFor = [] } = run ?? {};
  const because = failure === undefined ? '' : `: ${failure.class} ${failure.code} ${failure.message}`;
  const where = failure?.step === undefined ? '' : ` (step ${failure.step})`;
  const waits = waitingFor.map(({ kind, step, detail }) => `${kind} ${step}: ${detail}`).join('; ');
  const waiting = waits === '' ? '' : `; it waits for ${waits}`;
  return [missAt(at, expected, status, `${because}${where}${waiting}`)];
}

function failureMisses(
  expected: Expectation['failure'],
  got: NonNullable<Came['run']>['failure'],
  at: Path,
): CaseProblem[] {
  if (expected === undefined) return [];
  if (got === undefined) return [missAt(at, expected, undefined)];
  const { message, ...fields } = expected;
  const misses = Object.entries(fields).flatMap(([field, value]) => {
    const came = got[field as keyof typeof fields];
    return value === undefined || value === came ? [] : [missAt([...at, field], value, came)];
  });
  if (message === undefined || got.message.includes(message)) return misses;
  return [...misses, missAt([...at, 'message'], message, got.message)];
}

function pathMisses(expected: Expectation['path'], ended: readonly EndedStep[], at: Path): CaseProblem[] {
  if (expected === undefined) return [];
  const wanted = expected.map((entry): EndedStep => {
    if (typeof entry === 'string') return { step: entry, how: 'completed' };
    const [[step, how] = ['', 'completed' as const]] = Object.entries(entry);
    return { step, how };
  });
  const named = new Set(wanted.filter(({ how }) => how === 'skipped').map(({ step }) => step));
  const came = ended.filter(({ step, how }) => how !== 'skipped' || named.has(step));
  return listMisses(wanted.map(textOfStep), came.map(textOfStep), at);
}

const textOfStep = ({ step, how }: EndedStep): string => (how === 'completed' ? step : `${step}: ${how}`);

/** Two lists of texts, and the first place at which they differ. */
function listMisses(expected: readonly string[], got: readonly string[], at: Path): CaseProblem[] {
  const index = expected.findIndex((text, place) => text !== got[place]);
  const first = index === -1 ? expected.length : index;
  if (first === expected.length && expected.length === got.length) return [];
  const message = `expected ${listed(expected)}, got ${listed(got)}`;
  const path = first < expected.length ? [...at, first] : at;
  return [{ path, message, expected, got }];
}

const listed = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : shown(texts));

function callMisses(expected: Expectation['calls'], made: readonly MadeCall[], at: Path): CaseProblem[] {
  if (expected === undefined) return [];
  const lists = listMisses(
    expected.map(({ tool }) => tool),
    made.map(({ tool }, index) => {
      const wanted = expected[index]?.tool;
      return wanted !== undefined && isTool(wanted, tool) ? wanted : tool;
    }),
    at,
  );
  if (lists.length > 0) return lists;
  return expected.flatMap(({ tool: _, ...fields }, index) =>
    Object.entries(fields).flatMap(([field, value]) =>
      value === undefined
        ? []
        : valueMisses(value, made[index]?.[field as keyof typeof fields], [...at, index, field]),
    ),
  );
}

const forbiddenMisses = (
  forbidden: Expectation['forbidden'] = [],
  made: readonly MadeCall[],
  at: Path,
): CaseProblem[] =>
  forbidden.flatMap((tool, index) => {
    const call = made.find((one) => isTool(tool, one.tool));
    if (call === undefined) return [];
    const got = { step: call.step, arguments: call.arguments };
    const message = `${tool} must not be called, and ${call.step} called it with ${shown(call.arguments)}`;
    return [{ path: [...at, index], message, expected: null, got }];
  });

function askedMisses(expected: Expectation['asked'], asked: readonly AskedPeople[], at: Path): CaseProblem[] {
  if (expected === undefined) return [];
  const lists = listMisses(
    expected.map(({ step }) => step),
    asked.map(({ step }) => step),
    at,
  );
  if (lists.length > 0) return lists;
  return expected.flatMap(({ step: _, approvers, ...fields }, index) => [
    ...Object.entries(fields).flatMap(([field, value]) =>
      value === undefined
        ? []
        : valueMisses(value, asked[index]?.[field as keyof typeof fields], [...at, index, field]),
    ),
    ...(approvers === undefined
      ? []
      : valueMisses([...approvers].sort(), [...(asked[index]?.approvers ?? [])].sort(), [
          ...at,
          index,
          'approvers',
        ])),
  ]);
}

/** Each of them has to be among what the run waits for at the end. */
const waitMisses = (
  expected: Expectation['waitingFor'] = [],
  waits: readonly { readonly kind: string; readonly step: string }[],
  at: Path,
): CaseProblem[] =>
  expected.flatMap((wanted, index) => {
    const isThere = waits.some(
      ({ kind, step }) => kind === wanted.kind && (wanted.step === undefined || wanted.step === step),
    );
    const got = waits.map(({ kind, step }) => ({ kind, step }));
    return isThere ? [] : [missAt([...at, index], wanted, got)];
  });
