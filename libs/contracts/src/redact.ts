import type { Redacted, RefinedBy } from './classification.js';
import { leftOut, type Redaction, type Walk } from './redaction.js';
import { hasFields } from './unknown.fields.js';

/** What may be shown of a field that another schema classifies; `beside`: the object that holds the field. */
export type Refine = (schema: RefinedBy, beside: Readonly<Record<string, unknown>>) => Redaction;

/** What may be shown of `value`: the very same value when that is all of it. Undefined: it is dropped. */
export function redact(redaction: Redaction, value: unknown, refine: Refine = () => leftOut): unknown {
  switch (redaction.does) {
    case 'keep':
      return value;
    case 'drop':
      return undefined;
    case 'replace':
      return { redacted: redaction.classification } satisfies Redacted;
    case 'refine':
      return redact(leftOut, value);
    case 'walk':
      return Array.isArray(value)
        ? walkItems(redaction, value, refine)
        : walkProperties(redaction, value, refine);
  }
}

function walkItems({ items }: Walk, value: readonly unknown[], refine: Refine): unknown {
  if (items.does === 'keep') return value;
  const shown = value.map((item) => redact(items, item, refine) ?? null);
  return shown.some((item, at) => item !== value[at]) ? shown : value;
}

function walkProperties({ properties, scalar }: Walk, value: unknown, refine: Refine): unknown {
  if (!hasFields(value)) return redact(scalar, value);
  const given = value;
  let shown: Record<string, unknown> | undefined;
  for (const name of Object.keys(given)) {
    const named = properties.get(name);
    // A name that no schema has is data too: of a bag, not even the names are shown.
    const redaction: Redaction = named ?? { does: 'drop' };
    if (redaction.does === 'keep') continue;
    const refined = redaction.does === 'refine' ? refine(redaction.schema, given) : redaction;
    const part = redact(refined, given[name], refine);
    if (part === given[name]) continue;
    shown ??= { ...given };
    if (part === undefined) delete shown[name];
    else shown[name] = part;
  }
  return shown ?? value;
}
