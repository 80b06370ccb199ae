import { personal } from '@interlock/contracts';
import type { JsonSchema } from '@interlock/schema';
import type { LanguageCatalogue } from './catalogue.js';
import { classificationAt } from './classified.js';
import { fallbackOf } from './compile.fields.js';
import { compileStep } from './compile.step.js';
import type { CompiledBody } from './compiled.step.js';
import { checkGraph, graphOf } from './document.check.js';
import { ExpressionChecker, type Seen } from './expression.check.js';
import type { StepGraph } from './graph.js';
import { limits } from './limits.js';
import type { Path, Report } from './problem.js';
import type { Lookup, Types, WrittenBody } from './step/form.js';
import { type CompiledStep, formOf } from './step/index.js';
import { StepCheck } from './step.check.js';
import type { WrittenStep } from './step.schema.js';
import { checkCondition, checkTemplate } from './template.check.js';
import { schemaOfTemplate } from './template.schema.js';

type Schemas = ReadonlyMap<string, JsonSchema | undefined>;

/** What is the same for all bodies of a document. */
export interface Document {
  readonly input: JsonSchema;
  readonly types: Types;
  readonly catalogue: LanguageCatalogue;
  readonly report: Report;
}

/** What a body sees of what is around it. */
export interface Around {
  /** Steps that have ended when the body runs. */
  readonly ended: Schemas;
  /** All other steps. */
  readonly others: ReadonlySet<string>;
  readonly locals: Schemas;
  readonly depth: number;
}

export const nothingAround: Around = {
  ended: new Map(),
  others: new Set(),
  locals: new Map(),
  depth: 0,
};

export interface CompiledSteps {
  readonly steps: readonly CompiledStep[];
  /** What each of its steps gives. */
  readonly outputs: Schemas;
  /** What all of them give, and those inside of them. */
  readonly given: readonly (JsonSchema | undefined)[];
  /** What a step may give: itself, whether or not something may stand in for it, and what may. */
  outputsOf(id: string): readonly (JsonSchema | undefined)[];
  readonly checker: ExpressionChecker;
}

/** Checks and compiles the steps of one body, and those inside of them. @param at of the object that holds `steps` */
export function compileSteps(
  written: Readonly<Record<string, WrittenStep>>,
  at: Path,
  around: Around,
  document: Document,
): CompiledSteps {
  const steps = new Map(Object.entries(written));
  const graph = graphOf(written);
  checkGraph(written, at, graph, document.report);
  reportShadows(steps, at, around, document.report);
  const inside = new Body(steps, at, around, graph, document);
  const compiled = graph.order.flatMap((id) => inside.compile(id));
  return {
    steps: compiled,
    outputs: inside.outputs,
    given: inside.given,
    outputsOf: (id) => inside.outputsOf(id),
    checker: inside.check(steps.keys()),
  };
}

/** One name, one step: what a body calls `order` is never another step than what its surroundings call so. */
function reportShadows(
  steps: ReadonlyMap<string, WrittenStep>,
  at: Path,
  { ended, others }: Around,
  report: Report,
): void {
  for (const id of steps.keys()) {
    if (!ended.has(id) && !others.has(id)) continue;
    report([...at, 'steps', id], `a step around this one is called "${id}" too: choose another id`);
  }
}

class Body {
  readonly outputs = new Map<string, JsonSchema | undefined>();
  readonly #own = new Map<string, JsonSchema | undefined>();
  /** What the steps in bodies give, those inside of them too. */
  readonly #inner: (JsonSchema | undefined)[] = [];
  readonly #found = new Map<string, Lookup>();

  constructor(
    private readonly steps: ReadonlyMap<string, WrittenStep>,
    private readonly at: Path,
    private readonly around: Around,
    private readonly graph: StepGraph,
    private readonly document: Document,
  ) {}

  /** In the order of the graph: what a step sees has been compiled before it. */
  compile(id: string): CompiledStep[] {
    const step = this.steps.get(id);
    if (step === undefined) return [];
    const { catalogue, types, report } = this.document;
    const at = [...this.at, 'steps', id];
    const found = formOf(step)?.lookUp(at, step, catalogue, report) ?? {};
    this.#found.set(id, found);
    const bodies = this.#bodiesOf(id, step, at);
    // A step that may end with a fallback's output or a given value promises nothing about its shape.
    const isOwn = step.onFailure === undefined || typeof step.onFailure === 'string';
    const turns = bodies.map(({ turn }) => turn);
    const output = formOf(step)?.output(step, found, types, turns);
    this.#own.set(id, output);
    this.outputs.set(id, isOwn ? output : undefined);
    const compiling = { at, found, types, catalogue, report, bodies: bodies.map(({ body }) => body) };
    return [compileStep(id, step, this.graph.standsInFor.has(id), compiling) ?? []].flat();
  }

  get given(): (JsonSchema | undefined)[] {
    return [...this.#own.values(), ...this.#inner];
  }

  outputsOf(id: string): (JsonSchema | undefined)[] {
    const step = this.steps.get(id);
    const fallback = step && fallbackOf(step);
    return [id, ...(fallback === undefined ? [] : [fallback])].map((one) => this.#classifiedOutput(one));
  }

  /** What comes out of a body may derive from anything it sees: if something of that is classified, so is all of it. */
  #classifiedOutput(id: string): JsonSchema | undefined {
    const step = this.steps.get(id);
    if (step === undefined || formOf(step)?.hasBodies !== true) return this.#own.get(id);
    return [this.document.input, ...this.given].some((schema) => classificationAt(schema, []) !== undefined)
      ? { ...personal }
      : undefined;
  }

  /** Checks every expression of these steps against what is known where it stands. */
  check(ids: Iterable<string>): ExpressionChecker {
    const checker = new ExpressionChecker(this.#seen());
    for (const id of ids) {
      const step = this.steps.get(id);
      if (step === undefined) continue;
      const check = this.#checkOf(id, checker, this.document.report);
      check.every(step);
      formOf(step)?.check(check, step, this.#found.get(id) ?? {});
    }
    return checker;
  }

  #bodiesOf(id: string, step: WrittenStep, at: Path) {
    const form = formOf(step);
    if (form?.hasBodies !== true) return [];
    const quiet = this.#checkOf(id, new ExpressionChecker(this.#seen()), () => undefined);
    const bodies = form
      .bodies(step, quiet)
      .map((body) => withKnownNames(body, quiet.checker))
      .map((body) => compileInner(body, at, this.#aroundBodiesOf(id, body), this.document));
    this.#inner.push(...bodies.flatMap(({ given }) => given));
    return bodies;
  }

  #aroundBodiesOf(id: string, { locals, also }: WrittenBody): Around {
    const visible = this.graph.visibleTo(id);
    const ended = new Map(this.around.ended);
    for (const other of visible) ended.set(other, this.outputs.get(other));
    if (also !== undefined) ended.set(also, undefined);
    const others = new Set(
      [...this.around.others, ...this.steps.keys()].filter((other) => !ended.has(other)),
    );
    return {
      ended,
      others,
      locals: new Map([...this.around.locals, ...(locals ?? [])]),
      depth: this.around.depth + 1,
    };
  }

  #checkOf(id: string, checker: ExpressionChecker, report: Report): StepCheck {
    const visible = new Set([...this.around.ended.keys(), ...this.graph.visibleTo(id)]);
    return new StepCheck(id, [...this.at, 'steps', id], { visible }, checker, report);
  }

  #seen(): Seen {
    const { ended, others, locals } = this.around;
    const own = [...this.steps.keys()].map((id) => [id, this.outputs.get(id)] as const);
    return { input: this.document.input, steps: new Map([...ended, ...own]), locals, around: others };
  }
}

/** Without names that are refused, which is reported where they are given. */
const withKnownNames = (body: WrittenBody, checker: ExpressionChecker): WrittenBody => ({
  ...body,
  locals: new Map([...(body.locals ?? [])].filter(([name]) => checker.refuseLocal(name) === undefined)),
});

interface Inner {
  readonly body: CompiledBody;
  /** What one turn gives. */
  readonly turn: JsonSchema | undefined;
  readonly given: CompiledSteps['given'];
}

/** @param at of the step that it stands in */
function compileInner(written: WrittenBody, at: Path, around: Around, document: Document): Inner {
  const { report } = document;
  const place = [...at, ...written.at];
  if (around.depth > limits.bodyDepthMax) {
    report(place, `bodies are nested deeper than ${limits.bodyDepthMax} levels`);
    return { body: { steps: [] }, turn: undefined, given: [] };
  }
  const { steps, outputs, given, checker } = compileSteps(written.steps, place, around, document);
  const site = { visible: new Set([...around.ended.keys(), ...outputs.keys()]) };
  if (written.until !== undefined)
    checkCondition(written.until.text, [...at, ...written.until.at], site, checker, report);
  const { output } = written;
  if (output === undefined) return { body: { steps }, turn: byId(outputs), given };
  checkTemplate(output, [...place, 'output'], site, checker, report);
  return { body: { steps, output }, turn: schemaOfTemplate(output, site, checker), given };
}

/** Of the outputs by their ids. A step that is skipped has none, so nothing is required. */
const byId = (outputs: Schemas): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries([...outputs].map(([id, schema]) => [id, schema ?? {}])),
  additionalProperties: false,
});
