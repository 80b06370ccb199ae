import { z } from 'zod';
import { defineEvent } from './define.js';
import { instant } from './time.js';

/** How a circuit stands that an executor process keeps: told when it opens, while it is open, and when it closes. */
export const CircuitTold = defineEvent(
  'circuit.told',
  1,
  z.object({
    process: z.string().describe('Random; of the executor that keeps it'),
    tool: z.string(),
    toolHash: z.string(),
    at: instant.describe('UTC instant, ms'),
    open: z
      .object({
        since: instant.describe('UTC instant, ms'),
        failures: z.number().int().min(1).describe('In a row'),
        code: z.string().max(300).describe('Of the last failure'),
      })
      .optional()
      .describe('Absent: it has closed'),
  }),
);

export const circuitMessages = [CircuitTold] as const;

/** A process tells of an open circuit at least so often; what is older is of a process that is gone. */
export const CIRCUIT_TOLD_MS = 60_000;
