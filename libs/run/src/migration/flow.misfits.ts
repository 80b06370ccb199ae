import { type CompiledWorkflow, type Flow, flowOf } from '@interlock/language';
import type { RunState } from '../state.js';
import { type Obstacle, obstacle } from './facts.js';
import { isSame } from './same.js';

/**
 * Once a model has acted, or people have approved what it led to, what influenced what follows from how the steps read and need one another.
 * Another version must say the same of all that has begun, or a run could lose the mark of a model by being migrated.
 */
export function flowMisfits(
  { origin: { compiled }, influence }: RunState,
  id: string,
  to: string,
  target: CompiledWorkflow,
): Obstacle[] {
  const { agents, approved, endorsed, fellBack } = influence;
  if ([agents, approved, endorsed, fellBack].every(({ length }) => length === 0)) return [];
  const because = 'a model has acted in the run, and what it led to is known by what its steps';
  if (id !== to) return [obstacle('id', `${because} are called`, 'leave its id')];
  const [before, after] = [partOf(flowOf(compiled), id), partOf(flowOf(target), id)];
  const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !isSame(before.get(name), after.get(name)),
  );
  return differing.map((name) =>
    obstacle(name === id ? 'reads' : name, `${because} read, need and show`, 'leave them as they are'),
  );
}

/** The step and what stands in it. */
const partOf = ({ steps }: Flow, id: string): ReadonlyMap<string, unknown> =>
  new Map([...steps].filter(([name]) => name === id || name.startsWith(`${id}/`)));
