import type { WorkflowDocument } from './document.schema.js';
import type { Step } from './step/index.js';
import type { TableRule } from './table.schema.js';

/** A step inside another is a step of any kind, too. */
type WithBodies<T> = T extends readonly (infer Item)[]
  ? readonly WithBodies<Item>[]
  : T extends object
    ? { [Key in keyof T]: Key extends 'steps' ? BodyOr<T[Key]> : WithBodies<T[Key]> }
    : T;
/** `steps` of a budget is a number. */
type BodyOr<T> = NonNullable<T> extends number ? T : Readonly<Record<string, StepSource>>;

/** A step as its author writes it. */
export type StepSource = WithBodies<Step>;

/** A workflow document as its author writes it. */
export type WorkflowSource = WithBodies<WorkflowDocument>;

/** A decision table as a module brings it. */
export interface TableSource {
  readonly id: string;
  readonly version?: number;
  readonly rules: readonly TableRule[];
  readonly otherwise?: unknown;
}
