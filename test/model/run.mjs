/**
 * Checks the model of the fenced log and every mutation of it, one after the other.
 *
 *   node test/model/run.mjs [--only NAME] [--deep] [--json]
 *
 * Exit codes: 0 as expected; 1 a promise is violated, a mutation survived, or a search was not exhaustive;
 * 2 wrong usage.
 */
import { parseArgs } from 'node:util';
import { cases, deepCases } from './cases.mjs';
import { explore, ToolError } from './pan.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, deep: { type: 'boolean' }, json: { type: 'boolean' } },
});

const all = values.deep || values.only === 'deep' ? [...cases, ...deepCases] : cases;
const chosen = values.only === undefined ? all : all.filter(({ name }) => name === values.only);
if (chosen.length === 0) {
  console.error(`no case ${values.only}; there are ${all.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const results = chosen.map(check);
process.exitCode = results.every(({ asExpected }) => asExpected) ? 0 : 1;

function check(one) {
  const result = { name: one.name, ...judged(one) };
  console.log(values.json ? JSON.stringify(result) : line(one, result));
  return result;
}

function judged(one) {
  try {
    const { violated, states, seconds } = explore(one);
    const asExpected = one.breaks.length === 0 ? violated === undefined : one.breaks.includes(violated);
    return { asExpected, violated, states, seconds };
  } catch (error) {
    if (error instanceof ToolError) return { asExpected: false, error: error.message };
    throw error;
  }
}

function line(one, { asExpected, violated, states, seconds, error }) {
  const mark = asExpected ? 'ok  ' : 'FAIL';
  if (error) return `${mark} ${one.name}: ${error}`;
  const found = violated === undefined ? 'all hold' : `breaks ${violated}`;
  const size = `${states.toLocaleString('en').padStart(10)} states ${seconds.toFixed(1).padStart(5)} s`;
  return `${mark} ${one.name.padEnd(21)} ${size}  ${found} (${one.says})`;
}
