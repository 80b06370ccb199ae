import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas as OpenAPI writes them: what has an id stands once, among the components, and is referred to. */
export class ComponentSchemas {
  readonly #named = new Map<string, JsonSchema>();

  /** The JSON Schema of what may be sent: defaults may be left out. */
  of(schema: z.ZodType): JsonSchema {
    const { $schema, $defs = {}, ...rest } = z.toJSONSchema(schema, { io: 'input', override: plainer });
    for (const [name, named] of Object.entries($defs)) this.#named.set(name, relinked(named));
    return relinked(rest);
  }

  /** Everything that was referred to so far, by name. */
  named(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Leaves out what the library adds and no reader needs: the bounds of a safe integer, the pattern of an instant. */
function plainer({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}

const relinked = (schema: object): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
