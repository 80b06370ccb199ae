import { checkSchema as problemsOf } from '@interlock/schema';
import type { Problem } from './checked.js';

/** The problems of a value that is to be a JSON Schema. */
export const checkSchema = (schema: unknown, at: string): Problem[] =>
  problemsOf(schema).map(({ path, message }) => ({ path: path === '' ? at : `${at}.${path}`, message }));
