import { personOf } from './name.js';
import type { Identity } from './run.commands.js';

/**
 * Modules publish under subjects of their own, so that what stands in the log never names a service or a person as the author of what
 * a file brought. No issuer may give out a subject with this prefix.
 */
export const MODULE_SUBJECT_PREFIX = 'module:';

/** A module has no role: what it may do is said of modules, and in development alone. */
export const moduleIdentity = (name: string): Identity => ({
  sub: `${MODULE_SUBJECT_PREFIX}${name}`,
  roles: [],
});

/** In whose name a trigger acts: whoever published it, with the roles of then, in the tenant that it names. */
export const triggerIdentity = ({ sub, roles }: Identity, tenant: string | undefined): Identity => ({
  sub,
  roles,
  ...(tenant !== undefined && { tenant }),
});

export const isModule = ({ sub }: Pick<Identity, 'sub'>): boolean => sub.startsWith(MODULE_SUBJECT_PREFIX);

/** Also a name that is told apart from a module’s by nothing that people see or compare. */
export const looksLikeModule = ({ sub }: Pick<Identity, 'sub'>): boolean => isModule({ sub: personOf(sub) });
