import type { ModuleKit } from '@interlock/tools';
import { orderSystem } from './order-system.client.ts';

/** Mail takes no idempotency key. What was sent can be found by its reference, which is the key of the call. */
export function mailTools(kit: ModuleKit) {
  const { defineTool, z } = kit;
  const ask = orderSystem(kit);
  const personal = { classification: 'personal' };
  const sent = z.object({ mailId: z.string(), status: z.literal('sent') });

  const send = defineTool({
    name: 'mail.send',
    version: 3,
    description: 'Sends a mail to a customer.',
    input: z.object({
      to: z.email().meta(personal),
      orderEmail: z.email().meta(personal).describe('The address that the order holds'),
      subject: z.string().min(1).max(200),
      body: z.string().min(1).max(5_000).meta(personal),
    }),
    output: sent,
    failure: z.object({ code: z.literal('mailbox_closed'), to: z.string() }),
    effect: 'write',
    risk: 'medium',
    audience: 'customer',
    recovery: { by: 'verify', tool: 'mail.find', settleAfter: '2s' },
    timeout: '5s',
    async run({ to, subject, body }, { signal, idempotencyKey, fail }) {
      const answer = await ask('POST', '/mails', {
        signal,
        body: { to, subject, body, reference: idempotencyKey },
      });
      if (answer.ok) return answer.body as never;
      if (answer.code !== 'mailbox_closed') throw new Error(`the order system said ${answer.code}`);
      return fail({ code: 'mailbox_closed', to });
    },
  });

  const find = defineTool({
    name: 'mail.find',
    version: 1,
    description: 'Says whether a mail was sent under a reference.',
    input: z.object({ key: z.string().min(1), input: z.unknown().optional() }),
    output: z.union([
      z.object({ found: z.literal(false) }),
      z.object({ found: z.literal(true), output: sent }),
    ]),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '5s',
    async run({ key }, { signal }) {
      const answer = await ask('GET', `/mails?reference=${encodeURIComponent(key)}`, { signal });
      const [mail] = answer.ok ? (answer.body as { mails: { mailId: string }[] }).mails : [];
      if (mail === undefined) return { found: false } as const;
      return { found: true, output: { mailId: mail.mailId, status: 'sent' } } as const;
    },
  });

  return [send, find];
}
