import { storedIn } from '@interlock/contracts';
import type { CompiledBudget, CompiledWorkflow } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import { stepsUsed } from '../budget.js';
import { durationOf, isTooLarge } from '../life/start.js';
import { misfitText } from '../misfit.js';
import type { RunState } from '../state.js';
import { type Obstacle, obstacle } from './facts.js';
import { isSame } from './same.js';

const unread = obstacle(
  'input',
  'the input of the run is kept outside of the log, so it is not compared with another schema',
  'publish a version that takes the same input',
);

/** What of the run as a whole does not fit the other version, and when its time ends there. */
export function whole(
  state: RunState,
  target: CompiledWorkflow,
  now: number,
): { readonly obstacles: readonly Obstacle[]; readonly deadline: number } {
  const { compiled, input, deadline: before } = state.origin;
  // A run that was taken up again has had its time anew: it is as much longer or shorter as the version says.
  const deadline = before - durationOf(compiled) + durationOf(target);
  const misfit = storedIn(input) === undefined ? misfitOf(target.inputSchema, input) : undefined;
  const isUnread = storedIn(input) !== undefined && !isSame(compiled.inputSchema, target.inputSchema);
  const tooLarge = isTooLarge(target, input);
  return {
    deadline,
    obstacles: [
      ...(isUnread ? [unread] : []),
      ...(misfit === undefined
        ? []
        : [
            obstacle(
              'input',
              `the input of the run is not what it takes there: ${misfitText(misfit)}`,
              'publish a version that takes it',
            ),
          ]),
      ...(tooLarge === undefined ? [] : [obstacle('steps', tooLarge, 'publish a smaller version')]),
      ...(deadline > now
        ? []
        : [obstacle('budget.duration', 'its time would be over', 'publish a version that has more')]),
      ...overspent(state, target.budget),
    ],
  };
}

/** What is spent stays spent. */
function overspent(state: RunState, { steps, toolCalls, tokens, costUsd }: CompiledBudget): Obstacle[] {
  const { spent } = state;
  const used: readonly (readonly [field: string, used: number, limit: number])[] = [
    ['budget.steps', stepsUsed(state), steps],
    ['budget.toolCalls', spent.toolCalls + spent.reservedCalls, toolCalls],
    ['budget.tokens', spent.tokens + spent.reservedTokens, tokens],
    ['budget.costUsd', (spent.microUsd + spent.reservedMicroUsd) / 1_000_000, costUsd],
  ];
  return used
    .filter(([, amount, limit]) => amount > limit)
    .map(([field, amount, limit]) =>
      obstacle(
        field,
        `the run has used ${amount}, and there it may use ${limit}`,
        'publish a version that has more',
      ),
    );
}
