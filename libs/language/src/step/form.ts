import type { JsonSchema } from '@interlock/schema';
import type { z } from 'zod';
import type { CatalogueTool, CatalogueWorkflow, LanguageCatalogue, PromptPin } from '../catalogue.js';
import type { AnyCompiledStep, CompiledBody, CompiledCall } from '../compiled.step.js';
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

/** Steps inside of a step, as people write them. */
export interface WrittenBody {
  /** Of the object that holds `steps`, within the step. */
  readonly at: Path;
  readonly steps: Readonly<Record<string, WrittenStep>>;
  /** Template of what one turn gives. */
  readonly output?: unknown;
  /** Names that only its expressions know, with what they stand for as far as that is known. */
  readonly locals?: ReadonlyMap<string, JsonSchema | undefined>;
  /** A condition that is decided when a turn has ended. */
  readonly until?: { readonly text: string; readonly at: Path };
  /** A step that its expressions may read before it has ended: the one whose body it is. */
  readonly also?: string;
}

export interface Compiling {
  /** Of the step. */
  readonly at: Path;
  readonly found: Lookup;
  /** What stands in the step, in the order in which it lists it. */
  readonly bodies: readonly CompiledBody[];
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
  /** The steps that stand in it. @param check of the step, which reports nothing here */
  bodies?(step: Written, check: StepCheck): readonly WrittenBody[];
  /** Schema of what it gives. Absent: anything. @param turns what one turn of each of its bodies gives */
  output?(
    step: Written,
    found: Lookup,
    types: Types,
    turns: readonly (JsonSchema | undefined)[],
  ): JsonSchema | undefined;
  /** undefined: something that it names is missing, which has been reported. */
  compile(every: EveryStep, step: Written, compiling: Compiling): Compiled | undefined;
  /** What its input depends on. */
  reads(step: Compiled): Reads;
  /** What is decided at the end of a turn of its body, besides what the turn gives. Its expressions see what those of the body see. */
  readsAtTurnEnd?(step: Compiled): Reads;
  /** The calls that it may make. */
  calls?(step: Compiled): readonly CompiledCall[];
  /** The steps that stand in it. */
  compiledBodies?(step: Compiled): readonly CompiledBody[];
  /** The same step with these in their place. */
  withBodies?(step: Compiled, bodies: readonly CompiledBody[]): Compiled;
  /** Its body may run more than once. */
  readonly isLoop?: true;
  /** A turn of its body reads what the one before it gave. */
  readonly isRepeat?: true;
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

  /** @param at of the step */
  lookUp(at: Path, step: WrittenStep, catalogue: LanguageCatalogue, report: Report): Lookup {
    return this.isWritten(step) ? (this.parts.lookUp?.(at, step, catalogue, report) ?? {}) : {};
  }

  get hasBodies(): boolean {
    return this.parts.bodies !== undefined;
  }

  bodies(step: WrittenStep, check: StepCheck): readonly WrittenBody[] {
    return this.isWritten(step) ? (this.parts.bodies?.(step, check) ?? []) : [];
  }

  check(check: StepCheck, step: WrittenStep, found: Lookup): void {
    if (this.isWritten(step)) this.parts.check?.(check, step, found);
  }

  output(
    step: WrittenStep,
    found: Lookup,
    types: Types,
    turns: readonly (JsonSchema | undefined)[],
  ): JsonSchema | undefined {
    return this.isWritten(step) ? this.parts.output?.(step, found, types, turns) : undefined;
  }

  compile(every: EveryStep, step: WrittenStep, compiling: Compiling): Compiled | undefined {
    return this.isWritten(step) ? this.parts.compile(every, step, compiling) : undefined;
  }

  reads(step: AnyCompiledStep): Reads {
    return this.isCompiled(step) ? this.parts.reads(step) : noReads;
  }

  readsAtTurnEnd(step: AnyCompiledStep): Reads {
    return this.isCompiled(step) ? (this.parts.readsAtTurnEnd?.(step) ?? noReads) : noReads;
  }

  calls(step: AnyCompiledStep): readonly CompiledCall[] {
    return this.isCompiled(step) ? (this.parts.calls?.(step) ?? []) : [];
  }

  compiledBodies(step: AnyCompiledStep): readonly CompiledBody[] {
    return this.isCompiled(step) ? (this.parts.compiledBodies?.(step) ?? []) : [];
  }

  withBodies<Step extends AnyCompiledStep>(step: Step, bodies: readonly CompiledBody[]): Step | Compiled {
    return this.isCompiled(step) ? (this.parts.withBodies?.(step, bodies) ?? step) : step;
  }

  get isLoop(): boolean {
    return this.parts.isLoop === true;
  }

  get isRepeat(): boolean {
    return this.parts.isRepeat === true;
  }

  mayAct(step: AnyCompiledStep): boolean {
    return this.isCompiled(step) && this.parts.mayAct?.(step) === true;
  }

  shows(step: AnyCompiledStep): readonly StepRead[] {
    return this.isCompiled(step) ? (this.parts.shows?.(step) ?? []) : [];
  }
}
