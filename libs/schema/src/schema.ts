/** A JSON Schema of draft 2020-12 (and of draft 7, as far as they agree). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** `true` takes every value, `false` none. */
export type Schema = JsonSchema | boolean;

/** What is wrong with a schema or a value, and where: `lines[1].sku`; empty for the whole of it. */
export interface SchemaProblem {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with a schema. */
export interface SchemaFlaw extends SchemaProblem {
  /** The parts of the path. */
  readonly at: readonly (string | number)[];
}

/** A schema that cannot be used. */
export class SchemaError extends Error {
  readonly code = 'schema.unusable';

  constructor(readonly problems: readonly SchemaFlaw[]) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; '));
    this.name = 'SchemaError';
  }
}

export const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isSchema = (value: unknown): value is Schema => typeof value === 'boolean' || isObject(value);
