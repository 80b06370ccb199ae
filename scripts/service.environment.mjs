// What each service sees of the environment: its own secrets and nobody else's.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Settings that one service alone may know. */
const ownerOf = [
  [/^(OPENAI|AZURE_OPENAI)_/, 'planner'],
  [/^INTERLOCK_MODEL(_FALLBACK)?_KEY$/, 'planner'],
  [/^REDIS_URL$/, 'gateway'],
];
/** What every process needs of a shell, and what we read. Everything else may be a tool's secret. */
const general =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|NODE_.*|CI|INTERLOCK_.*|KAFKA_.*|OTEL_.*|SSL_CERT_.*)$/;
/** They load modules, whose tools read settings of their own. */
const loadsModules = new Set(['tool-executor', 'gateway']);

/**
 * @param {string} service
 * @param {Record<string, string | undefined>} given
 * @param {string | undefined} directory with `<service>.env` files
 */
export function environmentOf(service, given, directory) {
  const shared = Object.entries(given).filter(([name]) => {
    const owner = ownerOf.find(([pattern]) => pattern.test(name))?.[1];
    if (owner !== undefined) return owner === service;
    return loadsModules.has(service) || general.test(name);
  });
  return { ...Object.fromEntries(shared), ...ownFile(service, directory) };
}

function ownFile(service, directory) {
  const file = directory && join(directory, `${service}.env`);
  return file && existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}
