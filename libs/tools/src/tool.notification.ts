// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import {
  type NotificationHook,
  notificationHook,
  type ToolNotification,
  type TriggerDocument,
  toolNotification,
  triggerDocument,
} from '@interlock/contracts';
import { z } from 'zod';

/** A notification as it is told, with what it takes to tell it. */
export interface Notification {
  readonly hook: NotificationHook;
  readonly workflow?: Record<string, unknown>;
  readonly trigger?: TriggerDocument & { readonly id: string; readonly version: number };
}

const authored = notificationHook.omit({ by: true }).required({ url: true });

/**
 * A notification by a tool is a run: a workflow with that one call, which a trigger starts, which the notifier fires. So the call is judged,
 * recorded, retried and recovered like any other, and the notifier holds no way around that.
 * @throws {z.ZodError} it is malformed
 */
export function notificationOf(written: unknown): Notification {
  const isByTool = typeof written === 'object' && written !== null && 'tool' in written;
  if (!isByTool) return { hook: authored.parse(written) };
  const notification = toolNotification.parse(written);
  const { tool, with: args, version, gateway, ...told } = notification;
  const name = `notice-${notification.name}`;
  const url = gateway && `${gateway.replace(/\/+$/, '')}/triggers/${name}`;
  return {
    hook: notificationHook.parse({
      ...told,
      ...(url !== undefined && { url, local: true }),
      by: { trigger: name, workflow: name },
    }),
    workflow: {
      workflow: name,
      version,
      purpose: `Tells of runs by ${tool}.`,
      input: noticeSchema,
      steps: { tell: { tool, with: args } },
    },
    trigger: { ...triggerOf(name, notification), id: name, version },
  };
}

const triggerOf = (name: string, { secret, tenant }: ToolNotification): TriggerDocument =>
  triggerDocument.parse({
    secret,
    ...(tenant !== undefined && { tenant }),
    does: { start: { workflow: name, input: '${event}' } },
  });

/** What a hook is sent. */
const noticeSchema = z.toJSONSchema(
  z.object({
    type: z.string(),
    timestamp: z.string(),
    data: z.object({
      runId: z.string(),
      workflow: z.string(),
      version: z.int(),
      tenant: z.string().optional(),
      status: z.string(),
      step: z.string().optional(),
      waitsFor: z.string().optional(),
      link: z.string(),
    }),
  }),
  { io: 'input' },
);
