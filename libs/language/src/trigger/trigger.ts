import { REPLY_CHARS_MAX, type TriggerDocument } from '@interlock/contracts';
import { ExpressionError } from '../expression.error.js';
import { evaluate, evaluateCondition, type Scope } from '../expression.js';
import { resolve } from '../template.js';

/** Of what stands behind a trigger’s name in a key that it derives. */
const KEY_CHARS_MAX = 100;

/** What an event makes a trigger do. */
export type Triggered =
  /** Its filter passes the event over. */
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'start';
      /** Events with the same key are one. */
      readonly key: string;
      readonly workflow: string;
      readonly version: number | undefined;
      readonly input: unknown;
    }
  | {
      readonly kind: 'signal';
      readonly key: string;
      readonly runId: string;
      readonly name: string;
      readonly data: unknown;
    }
  | {
      readonly kind: 'answer';
      readonly key: string;
      readonly runId: string;
      readonly question: string;
      readonly text: string;
    };

/**
 * @param id tells the event from others where the trigger names no key
 * @throws {ExpressionError} an expression fails on this event
 */
export function triggered(
  name: string,
  { filter, key, does }: TriggerDocument,
  event: unknown,
  id: string,
): Triggered {
  const scope: Scope = { input: undefined, steps: {}, run: { id: '' }, locals: { event } };
  if (filter !== undefined && !evaluateCondition(filter, scope)) return { kind: 'ignored' };
  const own = key === undefined ? id : textOf(key, evaluate(key, scope));
  const full = `trigger/${name}/${own}`;
  if ('start' in does) {
    const { workflow, version, input } = does.start;
    return {
      kind: 'start',
      key: full,
      workflow,
      version,
      input: resolve(input, scope, ['does', 'start', 'input']),
    };
  }
  if ('answer' in does) {
    const { run, question, text } = does.answer;
    const at = (field: string, template: string) => resolve(template, scope, ['does', 'answer', field]);
    return {
      kind: 'answer',
      key: full,
      runId: textOf(run, at('run', run)),
      question: textOf(question, at('question', question)),
      text: replyOf(text, at('text', text)),
    };
  }
  const { run, name: signal, data = null } = does.signal;
  const runId = textOf(run, resolve(run, scope, ['does', 'signal', 'run']));
  return {
    kind: 'signal',
    key: full,
    runId,
    name: signal,
    data: resolve(data, scope, ['does', 'signal', 'data']),
  };
}

/** What somebody has written. */
function replyOf(expression: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= REPLY_CHARS_MAX) return value;
  throw new ExpressionError(expression, `must give a text of 1 to ${REPLY_CHARS_MAX} characters`);
}

/** Visible ASCII, as keys of callers are. */
function textOf(expression: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && /^[\x21-\x7e]+$/.test(text) && text.length <= KEY_CHARS_MAX) return text;
  throw new ExpressionError(
    expression,
    `must give 1 to ${KEY_CHARS_MAX} visible ASCII characters, not ${JSON.stringify(value)?.slice(0, 80)}`,
  );
}
