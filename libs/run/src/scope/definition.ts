import type { CompiledStep } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { stepIn } from './workflow.index.js';

type Kind = CompiledStep['kind'];
export type DefinitionOf<K extends Kind> = Extract<CompiledStep, { kind: K }>;

const isOf = <K extends Kind>(definition: CompiledStep, kind: K): definition is DefinitionOf<K> =>
  definition.kind === kind;

/** A step of the workflow of which it is known what kind it is. @throws it is of another kind */
export function definitionAt<K extends Kind>(state: RunState, step: StepIndex, kind: K): DefinitionOf<K> {
  const { definition } = stepIn(state, step);
  if (!isOf(definition, kind)) throw new Error(`step ${definition.id} is no ${kind} step`);
  return definition;
}
