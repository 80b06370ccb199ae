// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from './written.lines.ts';

/** A workflow that asks people, and mails that tell of it: lines of MAIL_FILE. */
export const env = ['MAIL_FILE'];

export interface Mail {
  readonly key: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export const mailsIn = (path: string): Mail[] => writtenLines(path);

const mailing: ModuleFactory = ({ defineTool, z }) => ({
  name: 'desk',
  tools: [
    defineTool({
      name: 'mail.send',
      version: 1,
      description: 'Sends a mail.',
      effect: 'write',
      risk: 'low',
      audience: 'internal',
      recovery: { by: 'idempotency-key' },
      timeout: '5s',
      input: z.object({ to: z.string(), subject: z.string(), text: z.string() }),
      output: z.object({ sent: z.literal(true) }),
      async run(mail, { idempotencyKey: key }) {
        appendFileSync(process.env.MAIL_FILE ?? '', `${JSON.stringify({ key, ...mail })}\n`);
        return { sent: true as const };
      },
    }),
  ],
  workflows: [
    {
      workflow: 'ask',
      version: 1,
      purpose: 'Ask somebody.',
      input: { type: 'object', properties: { of: { type: 'string' } }, additionalProperties: false },
      steps: {
        sign: { approval: { question: 'Shall we?', approvers: ['lead'], required: 'single' } },
      },
    },
  ],
  policies: [{ id: 'mail', text: 'permit (principal, action, resource == Tool::"mail.send");' }],
  notifications: [
    {
      name: 'lead',
      tool: 'mail.send',
      with: {
        to: 'lead@example.com',
        subject: '${input.data.workflow}: ${input.type}',
        text: '${input.data.link}',
      },
      secret: 'NOTICE_SECRET',
      on: ['waiting', 'ended'],
    },
  ],
});

export default mailing;
