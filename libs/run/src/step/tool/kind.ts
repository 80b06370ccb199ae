import { callAt, happenedOf } from '../../call/calls.js';
import { givenBy } from '../../migration/facts.js';
import { callOf } from '../../scope/called.js';
import type { StepKind } from '../kind.js';
import { startTool } from './start.js';
import { calledBy } from './work.js';

/** Makes one call. */
export const toolKind: StepKind = {
  starts: { 'call.requested': ['running'] },
  expressions: (definition) => (definition.kind === 'tool' ? definition.with : []),
  start: (draft, step) => startTool(draft, step),
  startAhead: startTool,
  call: calledBy,
  output(state, step) {
    const call = callOf(state, step);
    return call === undefined ? undefined : happenedOf(callAt(state, call))?.output;
  },
  gives: {
    fields: ['toolHash'],
    schema: (definition, { tool }) =>
      definition.kind === 'tool' ? givenBy(definition.tool, tool(definition.toolHash)) : {},
  },
};
