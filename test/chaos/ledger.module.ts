import { appendFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { ModuleFactory, RecoverySpec } from '@interlock/tools';
import { writtenLines } from '../e2e/written.lines.ts';

/**
 * Writes to a ledger, one tool for each way to recover. The ledger is a file: a line that was appended is there, whatever becomes of
 * the process that appended it. LEDGER_FILE names it; LEDGER_PAUSE_MS is waited before a line is appended and again after it.
 */
const file = process.env.LEDGER_FILE ?? '';
const pauseMs = Number(process.env.LEDGER_PAUSE_MS ?? 40);
export const env = ['LEDGER_FILE', 'LEDGER_PAUSE_MS'];

/** One request as the ledger got it, before any deduplication. */
export interface LedgerLine {
  readonly tool: string;
  readonly entry: string;
  readonly key: string;
  readonly at: number;
}

export const linesOf = (path: string): LedgerLine[] => writtenLines(path);

const workflow = (tool: string) => `
workflow: ledger-${tool}
version: 1
purpose: Write an entry and read it back.
input:
  type: object
  required: [entry]
  properties: { entry: { type: string } }
  additionalProperties: false
output: { entry: "\${input.entry}" }
steps:
  write:
    tool: ledger.${tool}
    with: { entry: "\${input.entry}" }
  read:
    needs: [write]
    tool: ledger.read
    with: { entry: "\${input.entry}" }
`;

const ledger: ModuleFactory = ({ defineTool, z }) => {
  const entry = z.string().min(1).max(100);
  const written = z.object({ entry, status: z.literal('written') });

  const writing = (name: string, recovery: RecoverySpec) =>
    defineTool({
      name: `ledger.${name}`,
      version: 1,
      description: 'Appends an entry to the ledger.',
      input: z.object({ entry }),
      output: written,
      effect: 'write',
      risk: 'low',
      audience: 'internal',
      recovery,
      timeout: '2s',
      async run(input, { idempotencyKey }) {
        await after(pauseMs);
        const line = { tool: name, entry: input.entry, key: idempotencyKey, at: Date.now() };
        appendFileSync(file, `${JSON.stringify(line)}\n`);
        await after(pauseMs);
        return { entry: input.entry, status: 'written' } as const;
      },
    });

  const find = defineTool({
    name: 'ledger.find',
    version: 1,
    description: 'Says whether an entry was written under a key.',
    input: z.object({ key: z.string(), input: z.unknown().optional() }),
    output: z.union([
      z.object({ found: z.literal(false) }),
      z.object({ found: z.literal(true), output: written }),
    ]),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '2s',
    async run({ key }) {
      const line = linesOf(file).find((one) => one.key === key);
      if (line === undefined) return { found: false } as const;
      return { found: true, output: { entry: line.entry, status: 'written' } } as const;
    },
  });

  const read = defineTool({
    name: 'ledger.read',
    version: 1,
    description: 'Counts the lines of an entry.',
    input: z.object({ entry }),
    output: z.object({ lines: z.int() }),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '2s',
    async run(input) {
      await after(pauseMs);
      return { lines: linesOf(file).filter((line) => line.entry === input.entry).length };
    },
  });

  return {
    tools: [
      writing('keyed', { by: 'idempotency-key' }),
      writing('verified', { by: 'verify', tool: 'ledger.find', settleAfter: '100ms' }),
      writing('asked', { by: 'ask-human', settleAfter: '100ms' }),
      find,
      read,
    ],
    workflows: ['keyed', 'verified', 'asked'].map(workflow),
    policies: [
      {
        id: 'ledger',
        text: `permit (principal, action, resource) when {
          [Tool::"ledger.keyed", Tool::"ledger.verified", Tool::"ledger.asked", Tool::"ledger.find", Tool::"ledger.read"]
            .contains(resource)
        };`,
      },
    ],
  };
};

export default ledger;
