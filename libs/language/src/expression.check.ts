import type { JsonSchema } from '@interlock/schema';
import type { Environment } from '@marcbachmann/cel-js';
import { stepReferences, walkSyntax } from './cel.ast.js';
import { arithmeticEnvironment, expressionNames } from './cel.environment.js';
import { SchemaTypes } from './cel.types.js';
import { explain, isCelError } from './expression.error.js';
import { compileExpression } from './expression.js';

/** What is known where an expression stands. */
export interface Site {
  /** Steps that have ended whenever this is evaluated. */
  readonly visible: ReadonlySet<string>;
  /** `success` alone sees the run's output. */
  readonly seesOutput?: boolean;
  /** A table's rules see the step's `with` as `input`, not the run's input. */
  readonly inputIsLocal?: boolean;
}

export interface CheckedExpression {
  /** CEL type; `dyn` when it is not known. */
  readonly type: string;
  readonly errors: readonly string[];
}

type Schemas = ReadonlyMap<string, JsonSchema | undefined>;

/** What expressions of one body can see, whatever stands where. */
export interface Seen {
  /** Of the run. */
  readonly input: JsonSchema | undefined;
  /** Steps of the body and those around it, each with the schema of its output where that is known. */
  readonly steps: Schemas;
  /** Names of its own, such as the item of a `forEach`. */
  readonly locals?: Schemas;
  /** Steps around the body that have not ended when it runs. */
  readonly around?: ReadonlySet<string>;
}

/** Checks expressions against the schemas of the run's input and of the steps' outputs. */
export class ExpressionChecker {
  readonly #ids: readonly string[];
  readonly #names: Environment;
  readonly #global: Typed;
  readonly #local: Typed;

  constructor(private readonly seen: Seen) {
    const { input, steps, locals = none } = seen;
    this.#ids = [...steps.keys()];
    this.#names = namesOf(locals);
    this.#global = typed(input, steps, locals);
    this.#local = typed(undefined, steps, locals);
  }

  /** @throws {ExpressionError} when it is not an expression at all */
  check(text: string, site: Site): CheckedExpression {
    const hyphened = this.#ids.find((id) => id.includes('-') && text.includes(`steps.${id}`));
    if (hyphened !== undefined) {
      return { type: 'dyn', errors: [`a step id with "-" is written steps["${hyphened}"]`] };
    }
    const unknown = unknownName(this.#names, text);
    if (unknown !== undefined) return { type: 'dyn', errors: [unknown] };
    const { syntax, type } = compileExpression(text);
    const errors = this.#referenceErrors(stepReferences(syntax), site);
    if (site.seesOutput !== true) {
      walkSyntax(syntax, ({ op, args }) => {
        if (op === 'id' && args === 'output') errors.push('"output" is known to success only');
      });
    }
    if (errors.length > 0) return { type: 'dyn', errors };
    return typeCheck(this.#at(site).environment, text, type);
  }

  /** Schema of what an expression gives, as far as it is known. @throws {ExpressionError} when it is none */
  schemaOf(text: string, site: Site): JsonSchema | undefined {
    const { type, errors } = this.check(text, site);
    return errors.length > 0 ? undefined : this.#at(site).types.schemaOf(type);
  }

  /** Why a name may not be given to something in a body; undefined: it may. */
  refuseLocal(name: string): string | undefined {
    if (expressionNames.some((known) => known === name))
      return `"${name}" has a meaning of its own: choose another`;
    if (this.seen.locals?.has(name) === true) return `"${name}" is known here already: choose another`;
    return reserved.has(name) ? `"${name}" is a word of CEL: choose another` : undefined;
  }

  #at = ({ inputIsLocal }: Site): Typed => (inputIsLocal === true ? this.#local : this.#global);

  #referenceErrors({ ids, others }: ReturnType<typeof stepReferences>, { visible }: Site): string[] {
    const errors = ids.filter((id) => !visible.has(id)).map((id) => this.#unseen(id));
    if (others) errors.push('"steps" must be followed by a step id: steps.order or steps["order"]');
    return errors;
  }

  #unseen(id: string): string {
    if (this.#ids.includes(id)) return `steps.${id} is not known here: add "${id}" to the step's needs`;
    return this.seen.around?.has(id) === true
      ? `steps.${id} is not known here: add "${id}" to the needs of the step around this one`
      : `there is no step "${id}"`;
  }
}

const none: Schemas = new Map();

/** Words that CEL keeps for itself or for the languages around it: its definition, section "Syntax". */
const reserved: ReadonlySet<string> = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return var void ' +
    'while int uint double bool string bytes list map null_type type timestamp duration'
  ).split(' '),
);

const namesOf = (locals: Schemas): Environment =>
  [...expressionNames, ...locals.keys()].reduce(
    (environment, name) => environment.registerVariable(name, 'dyn'),
    arithmeticEnvironment(),
  );

/** In an environment in which nothing but a name can be unknown. */
function unknownName(environment: Environment, text: string): string | undefined {
  const { valid, error } = environment.check(text);
  return !valid && isCelError(error) && error.code === 'unknown_variable' ? explain(error) : undefined;
}

interface Typed {
  readonly environment: Environment;
  readonly types: SchemaTypes;
}

/** What an expression knows of its run; `startedAt` is ms since 1970. */
const fieldsOfRun = {
  id: 'string',
  workflow: 'string',
  version: 'double',
  requester: 'string',
  startedAt: 'double',
};

function typed(input: JsonSchema | undefined, steps: Schemas, locals: Schemas): Typed {
  const environment = arithmeticEnvironment();
  const types = new SchemaTypes(environment);
  const fields = [...steps].map(([id, output]) => [
    id,
    types.define({ status: 'string', output: types.of(output), failure: 'dyn' }),
  ]);
  environment.registerVariable('input', types.of(input));
  environment.registerVariable('steps', types.define(Object.fromEntries(fields)));
  environment.registerVariable('run', types.define(fieldsOfRun));
  environment.registerVariable('output', 'dyn');
  for (const [name, schema] of locals) environment.registerVariable(name, types.of(schema));
  return { environment, types };
}

function typeCheck(environment: Environment, text: string, dynamicType: string): CheckedExpression {
  const { valid, type, error } = environment.check(text);
  if (valid && type !== undefined) return { type, errors: [] };
  if (!isCelError(error) || !isCertain(error.code, error.summary)) return { type: dynamicType, errors: [] };
  return { type: 'dyn', errors: [explain(error)] };
}

const scalar = '(?:string|bool|double|int)';
const certain: Readonly<Record<string, RegExp>> = {
  no_such_key: /^/,
  no_such_overload: new RegExp(`: (?:${scalar} (?!in )\\S+ ${scalar}|[!-]${scalar})$`),
  cannot_index_type: new RegExp(`'${scalar}'$`),
  no_matching_overload: new RegExp(`'(?:${scalar}\\.)?\\w+\\((?:${scalar}(?:, ${scalar})*)?\\)'$`),
  invalid_logical_operand: new RegExp(`'${scalar}'$`),
  invalid_condition_type: new RegExp(`'${scalar}'$`),
};

/**
 * The typed check is stricter than evaluation: there a double may meet a list of integers, and an object is a map. Only
 * what evaluation would refuse too is reported: a field that is not declared, and scalars that do not go together.
 */
const isCertain = (code: string, summary: string): boolean => certain[code]?.test(summary) ?? false;
