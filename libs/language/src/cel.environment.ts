import { Environment } from '@marcbachmann/cel-js';
import { spend } from './cel.budget.js';
import { registerTextFunctions } from './cel.text.js';

/**
 * JSON has one kind of number; CEL has integers and doubles and mixes neither. Every JSON number is a double here, and
 * the operators below let it meet the integer literals people write: `input.amount * 2`, `input.amount % 2 == 0`.
 * Two integer literals still divide as integers (`5 / 2` is 2, `input.five / 2` is 2.5).
 */
const mixed: readonly (readonly [string, (left: number, right: number) => number])[] = [
  ['+', (left, right) => left + right],
  ['-', (left, right) => left - right],
  ['*', (left, right) => left * right],
  ['/', (left, right) => left / right],
  ['%', (left, right) => left % right],
];

export const expressionNames = ['input', 'steps', 'run', 'output'] as const;

/** An environment with JSON arithmetic and no variables yet. @param takesAnyName also names that are not registered */
export function arithmeticEnvironment(takesAnyName = false): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: takesAnyName,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2_000, maxDepth: 64, maxCallArguments: 16 },
  });
  for (const [operator, apply] of mixed) {
    const onNumbers = (left: number | bigint, right: number | bigint) => apply(Number(left), Number(right));
    environment.registerOperator(`double ${operator} int: double`, onNumbers);
    environment.registerOperator(`int ${operator} double: double`, onNumbers);
  }
  environment.registerOperator('double % double: double', (left: number, right: number) => left % right);
  environment.registerOperator('int == double', (left: bigint, right: number) => Number(left) === right);
  registerTextFunctions(environment);
  environment.registerFunction('sum(list): double', sumOf);
  return environment;
}

/** CEL has no way to add up a list, and orders have totals. */
function sumOf(list: readonly unknown[]): number {
  spend(list.length);
  return list.reduce((total: number, one, index) => {
    if (typeof one === 'number' || typeof one === 'bigint') return total + Number(one);
    throw new Error(`sum(): item ${index} is not a number`);
  }, 0);
}

/**
 * What runs use: what the names stand for is known at run time only. A body has names of its own, such as the item of a
 * `forEach`: publication has checked which.
 */
export const runtimeEnvironment: Environment = expressionNames.reduce(
  (environment, name) => environment.registerVariable(name, 'dyn'),
  arithmeticEnvironment(true),
);
