import { z } from 'zod';

/** A message as the cores see it: its type without the version, and its data in the newest version's shape. */
export interface Message<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** An older released version of a message and how its fields become the next version's. */
export interface PastVersion {
  readonly version: number;
  readonly schema: z.ZodType;
  readonly upcast: (data: unknown) => unknown;
}

/** A message's constructor, type and schema under one name. Calling it builds a message, defaults filled in; it does not validate. */
export interface MessageDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  (data: z.input<Schema>): Message<Type, z.output<Schema>>;
  readonly type: Type;
  readonly version: number;
  /** `type/version`, as written in the `t` header. */
  readonly wire: string;
  readonly schema: Schema;
  readonly past: readonly PastVersion[];
  /** Fields that a record leaves out where they have this value. A default never changes: that would be a new version. */
  readonly defaults: Defaults;
}

export type Defaults = Readonly<Record<string, unknown>>;

export type MessageOf<Definition> =
  Definition extends MessageDefinition<infer Type, infer Schema> ? Message<Type, z.output<Schema>> : never;

/** The types of these messages, as an actor names them among its inputs. */
export const typesOf = <const Definitions extends readonly MessageDefinition[]>(
  ...definitions: Definitions
): ReadonlySet<Definitions[number]['type']> => new Set(definitions.map(({ type }) => type));

function define<const Type extends string, Schema extends z.ZodType>(
  type: Type,
  version: number,
  schema: Schema,
  past: readonly PastVersion[] = [],
): MessageDefinition<Type, Schema> {
  const defaults = defaultsIn(schema);
  const build = (data: z.input<Schema>): Message<Type, z.output<Schema>> => ({
    type,
    data: withDefaults(defaults, data) as z.output<Schema>,
  });
  return Object.assign(build, { type, version, wire: `${type}/${version}`, schema, past, defaults });
}

const noDefaults: Defaults = {};

/** Of the fields of a message, not of what lies in them. */
function defaultsIn(schema: z.ZodType): Defaults {
  if (!(schema instanceof z.ZodObject)) return noDefaults;
  const found = Object.entries(schema.shape).flatMap(([field, part]) =>
    part instanceof z.ZodDefault ? [[field, part.def.defaultValue] as const] : [],
  );
  return found.length === 0 ? noDefaults : Object.fromEntries(found);
}

/** What a record says, with what it leaves out. */
export function withDefaults(defaults: Defaults, data: unknown): unknown {
  if (defaults === noDefaults || typeof data !== 'object' || data === null) return data;
  const said: Record<string, unknown> = { ...data };
  // JSON leaves `undefined` out, so a field that is there with it would be another one once it has been stored.
  for (const field of Object.keys(defaults)) if (said[field] === undefined) said[field] = defaults[field];
  return said;
}

/** What a record says of `data`: everything but what follows from the schema. */
export function withoutDefaults(defaults: Defaults, data: unknown): unknown {
  if (defaults === noDefaults || typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).filter(
      ([field, value]) => !(Object.hasOwn(defaults, field) && isSame(defaults[field], value)),
    ),
  );
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** A fact in a log: past tense, never edited once released; a change is a new version with an upcaster. */
export const defineEvent = define;

/** A request that may be refused: imperative. */
export const defineCommand = define;

/** Says how data of a released version becomes data of the next one. */
export function past<Schema extends z.ZodType>(
  version: number,
  schema: Schema,
  upcast: (data: z.output<Schema>) => unknown,
): PastVersion {
  return { version, schema, upcast: (data) => upcast(schema.parse(data)) };
}
