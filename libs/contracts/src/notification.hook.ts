import { z } from 'zod';

/** Where notifications go: a web server of whoever wants to know. Modules bring them, for the whole installation. */

export const noticeKinds = ['waiting', 'asked', 'breached', 'ended'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const HOOKS_MAX = 20;

const webAddress = z.url({ protocol: /^https?$/ }).max(2_000);

export const notificationHook = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'lower-case letters, digits and . _ - only, at most 100'),
  url: webAddress.refine(
    (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''),
    'holds no user and no password',
  ),
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
  local: z
    .boolean()
    .default(false)
    .describe('Whether the name in `url` may have addresses of a private network or of this machine'),
});
export type NotificationHook = z.output<typeof notificationHook>;
/** As a module writes it. */
export type NewNotificationHook = z.input<typeof notificationHook>;
