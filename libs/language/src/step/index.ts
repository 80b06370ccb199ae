import { z } from 'zod';
import type { AnyCompiledStep } from '../compiled.step.js';
import { useAnyStep, type WrittenStep } from '../step.schema.js';
import { agentForm } from './agent.js';
import { approvalForm } from './approval.js';
import { decideForm } from './decide.js';
import { forEachForm } from './forEach.js';
import type { Form } from './form.js';
import { formStepForm } from './form.step.js';
import { repeatForm } from './repeat.js';
import { switchForm } from './switch.js';
import { toolForm } from './tool.js';
import { waitForm } from './wait.js';
import { workflowForm } from './workflow.js';

/** A new kind of step is one file and one line here. */
const forms = [
  toolForm,
  decideForm,
  waitForm,
  approvalForm,
  formStepForm,
  agentForm,
  workflowForm,
  forEachForm,
  repeatForm,
  switchForm,
] as const;
type AnyForm = (typeof forms)[number];

/** The compiled form of a step of any kind. */
export type CompiledStep = AnyForm extends infer One
  ? One extends Form<infer _Kind, infer _Written, infer Compiled>
    ? Compiled
    : never
  : never;

/** A step of any kind as people write it. */
export const step = z.union(forms.map(({ schema }) => schema));
export type Step = z.output<typeof step>;
useAnyStep(step);

export type StepKind = AnyForm['kind'];

/** In the order of the union above. */
export const stepKinds: readonly StepKind[] = forms.map(({ kind }) => kind);

/** undefined: of no kind. */
export const formOf = (written: WrittenStep) => forms.find((form) => form.isWritten(written));

/** @throws it is of no kind that is known here */
export function formOfCompiled(compiled: AnyCompiledStep): AnyForm {
  const form = forms.find(({ kind }) => kind === compiled.kind);
  if (form === undefined)
    throw new Error(`step ${compiled.id} is of kind ${compiled.kind}, which is not known here`);
  return form;
}
