import { z } from 'zod';

/*
 * A module that names itself has its name in front of what it brings, whoever else is there: `rooms/book-room`. So a name depends on one
 * module alone, in every process and at every time, and two modules may bring the same names.
 */

const part = '[a-z][a-z0-9_-]{0,62}';

export const moduleName = z
  .string()
  .regex(new RegExp(`^${part}$`), { error: 'must be a name like rooms: small letters, digits, "-" and "_"' });

/** What may stand in front of a name, as the source of a pattern. */
export const MODULE_PREFIX = `(?:${part}/)?`;

/** The name as everybody outside of the module knows it. */
export const nameInModule = (module: string | undefined, name: string): string =>
  module === undefined || name.includes('/') ? name : `${module}/${name}`;

/** The module that a name says it is of; undefined: of none. */
export function moduleOfName(name: string): string | undefined {
  const at = name.indexOf('/');
  return at < 1 ? undefined : name.slice(0, at);
}

/**
 * The names that one is short for: the name itself where something bears it, else those of modules. A short name says what is meant while
 * there is one of them.
 */
export function namesMeantBy(name: string, known: Iterable<string>): readonly string[] {
  const meant: string[] = [];
  for (const one of known) {
    if (one === name) return [name];
    if (!name.includes('/') && one.endsWith(`/${name}`)) meant.push(one);
  }
  return [...new Set(meant)];
}
