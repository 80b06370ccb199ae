import { type Refusal, refuse, rounded } from './records.ts';

const token = /\s*(\d+(?:\.\d+)?|[-+*/()])\s*/y;

/** Sums of amounts: `+ - * /`, parentheses and decimals, rounded to cents. Nothing is ever evaluated as code. */
export function calculate(expression: string): number | Refusal {
  try {
    const tokens = tokensOf(expression);
    const value = sum(tokens);
    if (tokens.length === 0 && Number.isFinite(value)) return rounded(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return refuse('bad_expression', 'it is not a sum of decimal numbers');
}

/** Last first, so that the next one is popped. */
function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < expression.length) {
    const [, text] = token.exec(expression) ?? [];
    if (text === undefined) throw new SyntaxError('unknown sign');
    tokens.push(text);
  }
  return tokens.reverse();
}

function sum(tokens: string[]): number {
  let value = product(tokens);
  for (let sign = tokens.at(-1); sign === '+' || sign === '-'; sign = tokens.at(-1)) {
    tokens.pop();
    value += (sign === '+' ? 1 : -1) * product(tokens);
  }
  return value;
}

function product(tokens: string[]): number {
  let value = factor(tokens);
  for (let sign = tokens.at(-1); sign === '*' || sign === '/'; sign = tokens.at(-1)) {
    tokens.pop();
    const next = factor(tokens);
    value = sign === '*' ? value * next : value / next;
  }
  return value;
}

function factor(tokens: string[]): number {
  const first = tokens.pop();
  if (first === '-') return -factor(tokens);
  if (first !== '(') {
    if (first === undefined || !/^\d/.test(first)) throw new SyntaxError('a number is missing');
    return Number(first);
  }
  const value = sum(tokens);
  if (tokens.pop() !== ')') throw new SyntaxError('a parenthesis is not closed');
  return value;
}
