import { gunzipSync, gzipSync } from 'node:zlib';
import type { NewRecord } from '@interlock/broker';
import {
  AUDIT_CATALOGUE,
  auditHeaders,
  type CodeOf,
  type MessageDefinition,
  placedHeaders,
  type Redaction,
  redactionOf,
  runLifeEvents,
} from '@interlock/contracts';
import { z } from 'zod';

/** What is left out of the data of each type of event, by `type/version`. */
export type RedactionCatalogue = ReadonlyMap<string, Redaction>;

/**
 * Of everything that decides about the bytes of an event beside the catalogue: how a value is walked, how schemas of tools and
 * workflows are read, what becomes of an event that is too large, the headers. It goes up with each change that changes bytes.
 */
const RULES = 1;

/** What is left out of an event was left out by rules that this release does not have: it would show other bytes. */
export class RedactionUnknownError extends Error {
  readonly code = 'audit.redaction_unknown' satisfies CodeOf<'fault'>;

  constructor(rules: unknown) {
    super(`what is shown of an event follows rules ${rules}; this release knows rules ${RULES} only`);
    this.name = 'RedactionUnknownError';
  }
}

/** What this release leaves out. */
export const presentCatalogue: RedactionCatalogue = new Map(runLifeEvents.flatMap(versionsOf));

/** The record that says so, of what is behind it. */
export const catalogueRecord = (): NewRecord => ({
  key: 'catalogue',
  headers: placedHeaders(AUDIT_CATALOGUE),
  value: packCatalogue(presentCatalogue),
});

export const isCatalogue = ({ headers }: NewRecord): boolean =>
  Buffer.from(headers[auditHeaders.type] ?? []).toString('utf8') === AUDIT_CATALOGUE;

const asJson = (_name: string, value: unknown): unknown =>
  value instanceof Map ? Object.fromEntries(value) : value;

/** As it is kept in the log. Equal for equal catalogues. */
export const packCatalogue = (events: RedactionCatalogue): Buffer =>
  gzipSync(JSON.stringify({ rules: RULES, events }, asJson));

/** @throws {RedactionUnknownError} */
export function unpackCatalogue(bytes: Uint8Array | null): RedactionCatalogue {
  const found: unknown = JSON.parse(gunzipSync(bytes ?? new Uint8Array()).toString('utf8'));
  const { rules } = z.object({ rules: z.unknown() }).parse(found);
  if (rules !== RULES) throw new RedactionUnknownError(rules);
  return z.object({ events: byName(redaction()) }).parse(found).events;
}

function redaction(): z.ZodType<Redaction> {
  const one: z.ZodType<Redaction> = z.lazy(() =>
    z.discriminatedUnion('does', [
      z.object({ does: z.literal('keep') }),
      z.object({ does: z.literal('drop') }),
      z.object({ does: z.literal('replace'), classification: z.string() }),
      z.object({ does: z.literal('refine'), schema: z.enum(['tool-input', 'workflow-input']) }),
      z.object({ does: z.literal('walk'), properties: byName(one), items: one, scalar: one }),
    ]),
  );
  return one;
}

const byName = (one: z.ZodType<Redaction>) =>
  z.record(z.string(), one).transform((named) => new Map(Object.entries(named)));

function versionsOf({ type, wire, schema, past }: MessageDefinition): [string, Redaction][] {
  const of = (one: z.ZodType) => redactionOf(z.toJSONSchema(one, { io: 'input' }));
  return [
    [wire, of(schema)],
    ...past.map((one): [string, Redaction] => [`${type}/${one.version}`, of(one.schema)]),
  ];
}
