import type { JsonSchema } from '@interlock/schema';
import type { z } from 'zod';
import type { CatalogueTool, CatalogueWorkflow, LanguageCatalogue, PromptPin } from '../catalogue.js';
import type { AnyCompiledStep, CompiledCall } from '../compiled.step.js';
import { noReads, type Reads, type StepRead } from '../expression.reads.js';
import type { Path, Report } from '../problem.js';
import type { StepCheck } from '../step.check.js';
import type { WrittenStep } from '../step.schema.js';
import type { DecisionTable } from '../table.schema.js';

/** What a step names, looked up once: the checks and the compiled form both read it. */
export interface Lookup {
  readonly tool?: CatalogueTool;
  readonly table?: DecisionTable;
  /** Of an agent step, in the order in which it lists them. */
  readonly tools?: readonly CatalogueTool[];
  readonly prompt?: PromptPin;
  /** The workflow that the step starts. */
  readonly child?: CatalogueWorkflow;
}

export type Types = Readonly<Record<string, unknown>> | undefined;

export interface Compiling {
  readonly found: Lookup;
  /** Of the document, which schemas may refer to. */
  readonly types: Types;
  readonly catalogue: LanguageCatalogue;
  readonly report: Report;
}

/** What is compiled alike in steps of every kind. */
export type EveryStep = Omit<AnyCompiledStep, 'kind'>;

/** All that the language knows of one kind of step. */
interface Parts<Written, Compiled> {
  /** It makes attempts, so its timeout may bound one of them. */
  readonly hasAttempts?: true;
  /** Finds what the step names; what is not there is reported. @param at of the step */
  lookUp?(at: Path, step: Written, catalogue: LanguageCatalogue, report: Report): Lookup;
  /** Checks its expressions against what is known where it stands. */
  check?(check: StepCheck, step: Written, found: Lookup): void;
  /** Schema of what it gives. Absent: anything. */
  output?(step: Written, found: Lookup, types: Types): JsonSchema | undefined;
  /** undefined: something that it names is missing, which has been reported. */
  compile(every: EveryStep, step: Written, compiling: Compiling): Compiled | undefined;
  /** What its input depends on. */
  reads(step: Compiled): Reads;
  /** The calls that it may make. */
  calls?(step: Compiled): readonly CompiledCall[];
  /** A model may act in it. */
  mayAct?(step: Compiled): boolean;
  /** What people are shown as it is. */
  shows?(step: Compiled): readonly StepRead[];
}

/** A kind of step, as documents and compiled workflows hold it. A step is of the kind whose field it holds. */
export class Form<
  Kind extends string = string,
  Written extends WrittenStep = WrittenStep,
  Compiled extends AnyCompiledStep & { readonly kind: Kind } = AnyCompiledStep & { readonly kind: Kind },
> {
  constructor(
    readonly kind: Kind,
    readonly schema: z.ZodType<Written>,
    private readonly parts: Parts<Written, Compiled>,
  ) {}

  get hasAttempts(): boolean {
    return this.parts.hasAttempts === true;
  }

  get makesCalls(): boolean {
    return this.parts.calls !== undefined;
  }

  isWritten(step: WrittenStep): step is Written {
    return this.kind in step;
  }

  isCompiled(step: AnyCompiledStep): step is Compiled {
    return step.kind === this.kind;
  }

  lookUp(id: string, step: WrittenStep, catalogue: LanguageCatalogue, report: Report): Lookup {
    return this.isWritten(step) ? (this.parts.lookUp?.(['steps', id], step, catalogue, report) ?? {}) : {};
  }

  check(check: StepCheck, step: WrittenStep, found: Lookup): void {
    if (this.isWritten(step)) this.parts.check?.(check, step, found);
  }

  output(step: WrittenStep, found: Lookup, types: Types): JsonSchema | undefined {
    return this.isWritten(step) ? this.parts.output?.(step, found, types) : undefined;
  }

  compile(every: EveryStep, step: WrittenStep, compiling: Compiling): Compiled | undefined {
    return this.isWritten(step) ? this.parts.compile(every, step, compiling) : undefined;
  }

  reads(step: AnyCompiledStep): Reads {
    return this.isCompiled(step) ? this.parts.reads(step) : noReads;
  }

  calls(step: AnyCompiledStep): readonly CompiledCall[] {
    return this.isCompiled(step) ? (this.parts.calls?.(step) ?? []) : [];
  }

  mayAct(step: AnyCompiledStep): boolean {
    return this.isCompiled(step) && this.parts.mayAct?.(step) === true;
  }

  shows(step: AnyCompiledStep): readonly StepRead[] {
    return this.isCompiled(step) ? (this.parts.shows?.(step) ?? []) : [];
  }
}
