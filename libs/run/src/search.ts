import { referencesIn } from '@interlock/contracts';
import {
  type CompiledSearchField,
  ExpressionError,
  evaluate,
  type Scope,
  SEARCH_TEXT_CHARS_MAX,
} from '@interlock/language';
import { type Reading, scopeAtEnd } from './scope/scope.js';
import { workflowIndexOf } from './scope/workflow.index.js';
import type { RunState } from './state.js';

export type SearchValue = string | number | boolean;
export type SearchValues = Readonly<Record<string, SearchValue>>;

/**
 * What a run is found by: the fields that its workflow declares, each as soon as it has a value. It follows from the state, so no event
 * holds it. A field is left out while a step that it names has no output, when its expression has no value, when the value is not of the
 * type that publication found, and when a text is longer than a name would be.
 */
export function searchOf(state: RunState): SearchValues | undefined {
  const { search } = state.origin.compiled;
  if (search === undefined) return undefined;
  const scope = scopeAtEnd(state, workflowIndexOf(state.origin.compiled).namedAtEnd, inLog);
  const found = Object.entries(search).flatMap(([name, field]) => {
    const value = searchValue(field, scope);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

/** What is kept outside of the log is no value here: readers fold without a store. */
const inLog: Reading = {
  read: (output) => (referencesIn(output).length > 0 ? undefined : output),
  allRead: () => undefined,
};

function searchValue(
  { value: expression, type }: CompiledSearchField,
  scope: Scope,
): SearchValue | undefined {
  let value: unknown;
  try {
    value = evaluate(expression, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
  switch (type) {
    case 'number':
      return typeof value === 'number' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'string':
    case 'timestamp':
      return typeof value === 'string' && value.length <= SEARCH_TEXT_CHARS_MAX ? value : undefined;
  }
}
