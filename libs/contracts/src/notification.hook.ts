// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what expressions look like is described
import { z } from 'zod';

/** Where notifications go: a web server of whoever wants to know. Modules bring them, for the whole installation. */

export const noticeKinds = ['waiting', 'asked', 'breached', 'ended'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const HOOKS_MAX = 20;

const webAddress = z.url({ protocol: /^https?$/ }).max(2_000);

const everyNotification = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'lower-case letters, digits and . _ - only, at most 100'),
  secret: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_]{0,99}$/,
      'the name of an environment variable of the notifier, such as OPS_HOOK_SECRET',
    )
    .refine((name) => !/^(INTERLOCK|KAFKA)_/.test(name), 'is a setting of Interlock itself')
    .describe('Names the variable with the key that signs what is sent'),
  on: z.array(z.enum(noticeKinds)).min(1).max(noticeKinds.length),
  workflows: z.array(z.string().min(1).max(200)).min(1).max(200).optional().describe('Absent: all'),
  tenant: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Whose runs; absent: of no tenant; `*`: everybody’s'),
  links: webAddress
    .refine((url) => !/[?#]/.test(url), 'is followed by /runs/ID, so it holds no ? and no #')
    .optional()
    .describe(
      'Where links begin: /runs/ID follows. Absent: the interface of the gateway, `http://HOST:PORT/v1`',
    ),
};

export const notificationHook = z.strictObject({
  ...everyNotification,
  url: webAddress
    .refine(
      (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''),
      'holds no user and no password',
    )
    .optional()
    .describe('Absent, with `by`: the gateway of this installation, as the notifier’s settings name it'),
  local: z
    .boolean()
    .default(false)
    .describe('Whether the name in `url` may have addresses of a private network or of this machine'),
  by: z
    .strictObject({ trigger: z.string().min(1), workflow: z.string().min(1) })
    .optional()
    .describe('Of one that tells by a tool: the trigger that it fires, and what that starts'),
});
export type NotificationHook = z.output<typeof notificationHook>;

/** A notification that tells by a tool of a module, in a run of its own. */
export const toolNotification = z.strictObject({
  ...everyNotification,
  on: z
    .array(z.enum(['waiting', 'breached', 'ended']))
    .min(1)
    .max(3),
  tenant: z
    .string()
    .min(1)
    .max(200)
    .refine(
      (tenant) => tenant !== '*',
      'a run belongs to one tenant: name it, and bring a notification for each',
    )
    .optional()
    .describe('Whose runs, and whose the run is that tells of them; absent: of no tenant'),
  tool: z.string().min(1).max(200).describe('What tells, such as mail.send'),
  with: z
    .record(z.string(), z.unknown())
    .describe('Its arguments; `${...}` is CEL over `input`, which is what a hook would be sent'),
  version: z.int().min(1).default(1).describe('Raise it when tool or arguments change'),
  gateway: webAddress
    .optional()
    .describe('Where the interface of the gateway begins; absent: as the notifier’s settings name it'),
});
export type ToolNotification = z.output<typeof toolNotification>;

type NewHook = Omit<z.input<typeof notificationHook>, 'by'>;
/** As a module writes it. */
export type NewNotificationHook = NewHook | z.input<typeof toolNotification>;
