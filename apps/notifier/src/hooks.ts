import { isIPv6 } from 'node:net';
import { type Secrets, SIGNING_KEY_CHARS_MIN, signingKeyIn } from '@interlock/authority';
import type { NotificationHook } from '@interlock/contracts';
import { type Configuration, ConfigurationError } from '@interlock/service';
import type { ConfiguredHook } from './deliverer.js';

/** Where a server listens that listens on every address of its machine: no place that anybody can go to. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

type Gateway = Pick<Configuration, 'INTERLOCK_HOST' | 'INTERLOCK_PORT'>;

/**
 * Hooks with the keys that their messages are signed with.
 * @throws {ConfigurationError} a key is missing or too short, or nobody says where links begin
 */
export function configuredHooks(
  hooks: readonly NotificationHook[],
  secrets: Secrets,
  gateway: Gateway,
): ConfiguredHook[] {
  const own = interfaceOf(gateway);
  const problems: string[] = [];
  const configured = hooks.map((hook): ConfiguredHook => {
    const { name, secret, links = own } = hook;
    const key = signingKeyIn(secrets, secret);
    if (key === undefined)
      problems.push(
        `${secret}: the notification ${name} is signed with it: set it to at least ${SIGNING_KEY_CHARS_MIN} characters`,
      );
    if (links === undefined) problems.push(noLinks(name, gateway));
    const atGateway = own && hook.by && `${own}/triggers/${hook.by.trigger}`;
    const { url = atGateway, local = false } = hook;
    if (url === undefined) problems.push(noGateway(name, gateway));
    const base = (links ?? '').replace(/\/+$/, '');
    return { ...hook, url: url ?? '', local: local || hook.url === undefined, key: key ?? '', base };
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configured;
}

/** Where the interface of the gateway begins; undefined: its settings do not say where others find it. */
function interfaceOf({ INTERLOCK_HOST: host, INTERLOCK_PORT: port }: Gateway): string | undefined {
  if (port === 0 || EVERY_ADDRESS.has(host)) return undefined;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}/v1`;
}

const noGateway = (name: string, { INTERLOCK_HOST, INTERLOCK_PORT }: Gateway): string =>
  `gateway of the notification ${name}: nobody finds it at INTERLOCK_HOST ${INTERLOCK_HOST} and INTERLOCK_PORT ${INTERLOCK_PORT}: let the module say where its interface begins, such as http://gateway:7400/v1`;

const noLinks = (name: string, { INTERLOCK_HOST, INTERLOCK_PORT }: Gateway): string =>
  `links of the notification ${name}: nobody finds the gateway at INTERLOCK_HOST ${INTERLOCK_HOST} and INTERLOCK_PORT ${INTERLOCK_PORT}: let the module say where links begin, such as https://interlock.example.com/v1`;
