import type { JsonSchema } from '@interlock/schema';
import type { ExpressionChecker, Site } from './expression.check.js';
import { ExpressionError } from './expression.error.js';
import { isPlainObject } from './json-guard.js';
import { holdsExpression, parseTemplate } from './template.js';

/** Schema of what a template gives, as far as the schemas of what it reads say; undefined: it may be anything. */
export function schemaOfTemplate(
  template: unknown,
  site: Site,
  checker: ExpressionChecker,
): JsonSchema | undefined {
  if (typeof template === 'string') return schemaOfText(template, site, checker);
  if (typeof template === 'number' || typeof template === 'boolean') return { type: typeof template };
  if (Array.isArray(template)) return { type: 'array' };
  if (!isPlainObject(template)) return undefined;
  const properties = Object.entries(template).map(([key, part]) => [
    key,
    schemaOfTemplate(part, site, checker) ?? {},
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: Object.keys(template),
    additionalProperties: false,
  };
}

function schemaOfText(text: string, site: Site, checker: ExpressionChecker): JsonSchema | undefined {
  if (!holdsExpression(text)) return { type: 'string' };
  try {
    const [first, ...more] = parseTemplate(text);
    if (more.length > 0 || first === undefined || typeof first === 'string') return { type: 'string' };
    return checker.schemaOf(first.text, site);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** Of the items of a list with this schema. */
export function itemsOf(list: JsonSchema | undefined): JsonSchema | undefined {
  return list?.type === 'array' && isPlainObject(list.items) ? list.items : undefined;
}
