import { checkSchema as problemsOf } from '@interlock/schema';
import type { Problem } from './checked.js';

/** What keeps a value from being used as a JSON Schema. */
export const checkSchema = (schema: unknown, at: string): Problem[] =>
  problemsOf(schema).map(({ path, message }) => ({ path: path === '' ? at : `${at}.${path}`, message }));
