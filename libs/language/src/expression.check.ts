import type { JsonSchema } from '@interlock/schema';
import type { Environment } from '@marcbachmann/cel-js';
import { stepReferences, walkSyntax } from './cel.ast.js';
import { arithmeticEnvironment } from './cel.environment.js';
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

/** Checks expressions against the schemas of the run's input and of the steps' outputs. */
export class ExpressionChecker {
  readonly #ids: readonly string[];
  readonly #global: Environment;
  readonly #local: Environment;

  /** @param steps every step's output schema, `undefined` where it is not known */
  constructor(input: JsonSchema | undefined, steps: ReadonlyMap<string, JsonSchema | undefined>) {
    this.#ids = [...steps.keys()];
    this.#global = typedEnvironment(input, steps);
    this.#local = typedEnvironment(undefined, steps);
  }

  /** @throws {ExpressionError} when it is not an expression at all */
  check(text: string, site: Site): CheckedExpression {
    const hyphened = this.#ids.find((id) => id.includes('-') && text.includes(`steps.${id}`));
    if (hyphened !== undefined) {
      return { type: 'dyn', errors: [`a step id with "-" is written steps["${hyphened}"]`] };
    }
    const { syntax, type } = compileExpression(text);
    const errors = this.#referenceErrors(stepReferences(syntax), site);
    if (site.seesOutput !== true) {
      walkSyntax(syntax, ({ op, args }) => {
        if (op === 'id' && args === 'output') errors.push('"output" is known to success only');
      });
    }
    if (errors.length > 0) return { type: 'dyn', errors };
    return typeCheck(site.inputIsLocal === true ? this.#local : this.#global, text, type);
  }

  #referenceErrors({ ids, others }: ReturnType<typeof stepReferences>, { visible }: Site): string[] {
    const errors = ids
      .filter((id) => !visible.has(id))
      .map((id) =>
        this.#ids.includes(id)
          ? `steps.${id} is not known here: add "${id}" to the step's needs`
          : `there is no step "${id}"`,
      );
    if (others) errors.push('"steps" must be followed by a step id: steps.order or steps["order"]');
    return errors;
  }
}

function typedEnvironment(
  input: JsonSchema | undefined,
  steps: ReadonlyMap<string, JsonSchema | undefined>,
): Environment {
  const environment = arithmeticEnvironment();
  const types = new SchemaTypes(environment);
  const fields = [...steps].map(([id, output]) => [
    id,
    types.define({ status: 'string', output: types.of(output), failure: 'dyn' }),
  ]);
  environment.registerVariable('input', types.of(input));
  environment.registerVariable('steps', types.define(Object.fromEntries(fields)));
  environment.registerVariable('run', 'dyn');
  environment.registerVariable('output', 'dyn');
  return environment;
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
