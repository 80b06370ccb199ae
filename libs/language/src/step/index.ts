import { z } from 'zod';
import type { AnyCompiledStep } from '../compiled.step.js';
import { laterSteps, type WrittenStep } from '../step.schema.js';
import { agentForm } from './agent.js';
import { approvalForm } from './approval.js';
import { decideForm } from './decide.js';
import type { Form } from './form.js';
import { toolForm } from './tool.js';
import { waitForm } from './wait.js';
import { workflowForm } from './workflow.js';

/** A new kind of step is one file and one line here. */
const forms = [toolForm, decideForm, waitForm, approvalForm, agentForm, workflowForm] as const;
type AnyForm = (typeof forms)[number];

/** The compiled form of a step of any kind. */
export type CompiledStep = AnyForm extends infer One
  ? One extends Form<infer _Kind, infer _Written, infer Compiled>
    ? Compiled
    : never
  : never;

const later = Object.values(laterSteps);

/** A step of any kind as people write it. */
export const step = z.union([...forms.map(({ schema }) => schema), ...later]);
export type Step = z.output<typeof step>;

export type StepKind = AnyForm['kind'] | keyof typeof laterSteps;

/** Kinds that this version compiles. */
export const compiledKinds: readonly StepKind[] = forms.map(({ kind }) => kind);

/** In the order of the union above. The others are known, and refused at publication. */
export const stepKinds: readonly StepKind[] = [...compiledKinds, 'forEach', 'repeat'];

/** undefined: of a kind that this version does not compile. */
export const formOf = (written: WrittenStep) => forms.find((form) => form.isWritten(written));

/** @throws it is of no kind that this version compiles */
export function formOfCompiled(compiled: AnyCompiledStep): AnyForm {
  const form = forms.find(({ kind }) => kind === compiled.kind);
  if (form === undefined)
    throw new Error(`step ${compiled.id} is of kind ${compiled.kind}, which is not known here`);
  return form;
}
