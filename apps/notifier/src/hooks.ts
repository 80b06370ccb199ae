import type { NotificationHook } from '@interlock/contracts';
import { type Configuration, ConfigurationError } from '@interlock/service';
import type { ConfiguredHook } from './deliverer.js';

const SECRET_CHARS_MIN = 16;

/**
 * Hooks with the keys that their messages are signed with.
 * @throws {ConfigurationError} a key is missing or too short
 */
export function configuredHooks(
  hooks: readonly NotificationHook[],
  environment: Readonly<Record<string, string | undefined>>,
  { INTERLOCK_HOST, INTERLOCK_PORT }: Pick<Configuration, 'INTERLOCK_HOST' | 'INTERLOCK_PORT'>,
): ConfiguredHook[] {
  const problems = hooks.flatMap(({ name, secret }) => {
    const length = environment[secret]?.length ?? 0;
    return length >= SECRET_CHARS_MIN
      ? []
      : [
          `${secret}: the notification ${name} is signed with it: set it to at least ${SECRET_CHARS_MIN} characters`,
        ];
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
  const own = `http://${INTERLOCK_HOST}:${INTERLOCK_PORT}`;
  return hooks.map((hook) => ({
    ...hook,
    key: environment[hook.secret] ?? '',
    base: (hook.links ?? own).replace(/\/+$/, ''),
  }));
}

/** The place of a hook, as the guard of outgoing requests takes it. */
export function placeOf({ url, local }: Pick<NotificationHook, 'url' | 'local'>): string {
  const { protocol, hostname, port } = new URL(url);
  const standard = protocol === 'https:' ? '443' : '80';
  return `${hostname}:${port === '' ? standard : port}${local ? '=local' : ''}`;
}
