import { z } from 'zod';
import { instantText, type Shown } from './fields.js';

export const circuit = z
  .object({
    tool: z.string(),
    toolHash: z.string(),
    process: z.string().describe('Of the executor: each keeps circuits of its own'),
    since: instantText.describe('When it opened'),
    failures: z.int().min(1).describe('In a row'),
    code: z.string().describe('Of the last failure: its class and its code'),
  })
  .meta({ id: 'Circuit' });
/** An open circuit: the target of the tool is away, and one call an interval asks whether it is back. */
export type Circuit = Shown<z.output<typeof circuit>>;

export const circuitList = z.object({ items: z.array(circuit) });
export type CircuitList = Shown<z.output<typeof circuitList>>;
