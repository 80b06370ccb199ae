import { ExpressionError, resolve } from '@interlock/language';
import type { StepIndex } from '../../indices.js';
import { definitionAt } from '../../scope/definition.js';
import { type Reading, scopeOf } from '../../scope/scope.js';
import type { RunState } from '../../state.js';
import { stepAt } from '../steps.js';

const lists = new WeakMap<object, readonly unknown[]>();

/**
 * The items that the step goes over. They follow from what had ended when it started, so the state does not hold them a second time:
 * they are worked out once for as long as this state stays in memory.
 * @throws {ExpressionError} its expression has no value, or gives no list
 */
export function listOf(state: RunState, step: StepIndex, values: Reading): readonly unknown[] {
  const held = stepAt(state, step).work?.list;
  const known = held === undefined ? undefined : lists.get(held);
  if (known !== undefined) return known;
  const list = resolved(state, step, values);
  if (held !== undefined) lists.set(held, list);
  return list;
}

function resolved(state: RunState, step: StepIndex, values: Reading): readonly unknown[] {
  const { forEach } = definitionAt(state, step, 'forEach');
  const list = resolve(forEach.in, scopeOf(state, step, values), ['forEach', 'in']);
  if (Array.isArray(list)) return list;
  throw new ExpressionError(JSON.stringify(forEach.in).slice(0, 200), 'gave no list', 'forEach.in');
}
