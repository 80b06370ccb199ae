import {
  type Defaults,
  type MessageDefinition,
  type MessageOf,
  withDefaults,
  withoutDefaults,
} from './define.js';
import { errorText } from './error.text.js';
import type { CodeOf } from './errors/index.js';
import {
  unreadableValueIn,
  type ValuePlaces,
  valuePlacesIn,
  withReferences,
  withRefFields,
} from './value.forms.js';
import { described, problemOf, VALUE_DEPTH_MAX } from './value.js';

/** The type is not known here: a newer release wrote it, or it is garbage. */
export class UnknownMessageError extends Error {
  readonly code = 'message.unknown' satisfies CodeOf<'fault'>;
  constructor(readonly wire: string) {
    super(`unknown message ${JSON.stringify(wire.slice(0, 100))}`);
    this.name = 'UnknownMessageError';
  }
}

/** The bytes are not JSON, or the JSON breaks the rules of values or the schema of the message. */
export class BrokenMessageError extends Error {
  readonly code = 'message.broken' satisfies CodeOf<'fault'>;
  constructor(
    readonly wire: string,
    detail: string,
  ) {
    super(`${wire}: ${detail}`);
    this.name = 'BrokenMessageError';
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });
/** A message lays its own fields around the values it carries. */
const MESSAGE_DEPTH_MAX = 2 * VALUE_DEPTH_MAX;

/** The messages one reader understands, by the name they have on the wire. */
export class Catalogue<Definition extends MessageDefinition = MessageDefinition> {
  readonly #readers = new Map<string, (data: unknown, trusted: boolean) => MessageOf<Definition>>();
  readonly #newest = new Map<
    string,
    { readonly wire: string; readonly defaults: Defaults; readonly places: ValuePlaces }
  >();
  /** `type/version` of every message understood, older versions included. */
  readonly wires: ReadonlySet<string>;

  constructor(readonly definitions: readonly Definition[]) {
    for (const definition of definitions) this.#add(definition);
    this.wires = new Set(this.#readers.keys());
  }

  knows(wire: string): boolean {
    return this.#readers.has(wire);
  }

  /** `type/version` in which this release writes messages of `type`. */
  wireOf(type: string): string | undefined {
    return this.#newest.get(type)?.wire;
  }

  /** The data of a message of `type` as a record holds them: without what has its default, what is kept elsewhere beside its place. */
  recorded(type: string, data: unknown): unknown {
    const newest = this.#newest.get(type);
    return newest === undefined ? data : withRefFields(newest.places, withoutDefaults(newest.defaults, data));
  }

  /** The data of a message of `type` as they are shown: complete, and what is kept elsewhere stands beside its place. */
  shown(type: string, data: unknown): unknown {
    const newest = this.#newest.get(type);
    return newest === undefined ? data : withRefFields(newest.places, data);
  }

  /**
   * A message of one's own log from its parsed data, upcast to its newest version, without validating it again.
   * @throws {UnknownMessageError}
   * @throws {BrokenMessageError} it holds a value in a form that this release cannot read
   */
  trustedData(wire: string, data: unknown): MessageOf<Definition> {
    return this.#read(wire, data, true);
  }

  /**
   * Parses and validates a message, upcast to its newest version.
   * @throws {UnknownMessageError} wait for an upgrade (fenced topics) or quarantine (plain topics)
   * @throws {BrokenMessageError} quarantine
   */
  parse(wire: string, value: Uint8Array | null): MessageOf<Definition> {
    if (!this.knows(wire)) throw new UnknownMessageError(wire);
    return this.#read(wire, parsed(wire, value), false);
  }

  /**
   * Validates a message from its parsed data, upcast to its newest version.
   * @throws {UnknownMessageError}
   * @throws {BrokenMessageError}
   */
  validData(wire: string, data: unknown): MessageOf<Definition> {
    return this.#read(wire, data, false);
  }

  #read(wire: string, data: unknown, trusted: boolean): MessageOf<Definition> {
    const reader = this.#readers.get(wire);
    if (reader === undefined) throw new UnknownMessageError(wire);
    return reader(data, trusted);
  }

  #add(definition: Definition): void {
    const { type, past, defaults, wire: newestWire } = definition;
    this.#newest.set(type, { wire: newestWire, defaults, places: valuePlacesIn(definition.schema) });
    const newest = { version: definition.version, schema: definition.schema };
    const upcasts = [...past].sort((a, b) => a.version - b.version);
    for (const { version, schema } of [...past, newest]) {
      const wire = `${type}/${version}`;
      const places = valuePlacesIn(schema);
      const later = upcasts.filter((step) => step.version >= version);
      const validatedOnce = once((data) => validated(wire, schema, data));
      this.#readers.set(wire, (data, trusted) => {
        refuseOtherForms(wire, places, data);
        const valid = withReferences(places, trusted ? data : validatedOnce(data));
        const upcast = later.reduce((value, { upcast }) => upcast(value), valid);
        // What its schema lets through is its data, and so is what this release wrote.
        return { type, data: withDefaults(defaults, upcast) } as MessageOf<Definition>;
      });
    }
  }
}

/** Readers of one process share what a record holds, and what came of it. Nobody changes it, so it is the same for each. */
function once(made: (data: unknown) => unknown): (data: unknown) => unknown {
  const known = new WeakMap<object, unknown>();
  return (data) => {
    if (typeof data !== 'object' || data === null || !Object.isFrozen(data)) return made(data);
    const before = known.get(data);
    if (before !== undefined) return before;
    const result = made(data);
    known.set(data, result);
    return result;
  };
}

function refuseOtherForms(wire: string, places: ValuePlaces, data: unknown): void {
  const name = unreadableValueIn(places, data);
  if (name === undefined) return;
  throw new BrokenMessageError(wire, `${name}: a value in a form that this release cannot read: upgrade it`);
}

function parsed(wire: string, value: Uint8Array | null): unknown {
  try {
    return JSON.parse(decoder.decode(value ?? new Uint8Array()));
  } catch (error) {
    throw new BrokenMessageError(wire, errorText(error));
  }
}

function validated(wire: string, schema: MessageDefinition['schema'], data: unknown): unknown {
  const problem = problemOf(data, { depthMax: MESSAGE_DEPTH_MAX });
  if (problem !== undefined) throw new BrokenMessageError(wire, described(problem));
  const result = schema.safeParse(data);
  if (!result.success) throw new BrokenMessageError(wire, firstIssue(result.error.issues));
  return result.data;
}

function firstIssue(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const [issue] = issues;
  if (issue === undefined) return 'does not fit its schema';
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`;
}
