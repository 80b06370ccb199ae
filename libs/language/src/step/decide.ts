import { compileTableUse, lookUpTable, readsOfTable } from '../compile.table.js';
import type { CompiledDecideStep } from '../compiled.step.js';
import { type DecideStep, decideStep } from '../step.schema.js';
import { Form } from './form.js';

export const decideForm = new Form<'decide', DecideStep, CompiledDecideStep>('decide', decideStep, {
  lookUp: (at, step, catalogue, report) => lookUpTable(at, step.decide, catalogue, report),
  check: (check, step, { table }) => check.table(['decide'], step.decide, table),
  compile: (every, { decide }, { found: { table } }) =>
    table && { ...every, kind: 'decide', ...compileTableUse(decide, table) },
  reads: readsOfTable,
});
