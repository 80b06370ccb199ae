import type { EntityUidJson, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyAction } from './actions.js';
import { baseSchema, type Scope } from './base.schema.js';
import type { Problem } from './bundle.document.js';
import type { Cedar } from './engine.js';
import { excessOfSchema } from './schema-limits.js';

/** What the author of a bundle says besides the policies: entity types, common types, actions and their groups. */
export type AuthorSchema = SchemaJson<string>;

export type ReadSchema =
  | { readonly ok: true; readonly author: AuthorSchema }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readAuthorSchema(cedar: Cedar, schema: unknown): ReadSchema {
  if (schema === undefined) return { ok: true, author: {} };
  const excess = excessOfSchema(schema);
  if (excess !== undefined) return { ok: false, problems: [{ path: 'schema', message: excess }] };
  const answer = cedar.schemaToJson(schema as string | AuthorSchema);
  return answer.type === 'success'
    ? { ok: true, author: answer.json }
    : { ok: false, problems: answer.errors.map(({ message }) => ({ path: 'schema', message })) };
}

/** Both schemas in one. Our definitions take precedence, so that a bundle is checked against what will really be there. */
export function schemaWith(scope: Scope, { '': own, ...foreign }: AuthorSchema): SchemaJson<string> {
  const base = baseSchema(scope);
  const actions = Object.entries(base.actions).map(([name, action]) => {
    const memberOf = own?.actions[name]?.memberOf;
    return [name, memberOf === undefined ? action : { ...action, memberOf }] as const;
  });
  return {
    ...foreign,
    '': {
      ...own,
      entityTypes: { ...own?.entityTypes, ...base.entityTypes },
      actions: { ...own?.actions, ...Object.fromEntries(actions) },
    },
  };
}

/** Every group that an action is in, directly or through another group. */
export function groupsOf(action: PolicyAction, author: AuthorSchema): EntityUidJson[] {
  const found = new Map<string, EntityUidJson>();
  const open: { readonly namespace: string; readonly id: string }[] = [{ namespace: '', id: action }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { namespace } = next;
    for (const { id, type } of author[namespace]?.actions[next.id]?.memberOf ?? []) {
      const full = type ?? (namespace === '' ? 'Action' : `${namespace}::Action`);
      const key = JSON.stringify([full, id]);
      if (found.has(key)) continue;
      found.set(key, { type: full, id });
      open.push({ namespace: full.split('::').slice(0, -1).join('::'), id });
    }
  }
  return [...found.values()];
}
