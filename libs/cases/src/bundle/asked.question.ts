import type { ToolManifest } from '@interlock/contracts';
import {
  type CedarType,
  cedarDecimal,
  cedarTypeOf,
  cedarValue,
  contextFieldsOf,
  entityTypes,
  type PolicyAction,
  type Question,
} from '@interlock/policy';
import type { WrittenQuestion } from './bundle.tests.schema.js';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that are decimals in Cedar; people write numbers. */
const decimals: ReadonlySet<string> = new Set(['costUsd', 'confidence']);

/** A question as policy gets it, or which of its fields policy never gets. @param manifest of its tool, where a module brings it */
export function askedQuestion(
  { action, principal, resource, context = {} }: WrittenQuestion,
  manifest: ToolManifest | undefined,
): Question | { readonly unknown: string } {
  const uid = manifest === undefined ? resource.uid : { type: resource.uid.type, id: manifest.name };
  const attrs = resource.attrs ?? attributesOf(manifest, uid.id);
  const whole = { ...contextLeftOut(action, uid.id, attrs, context), ...context };
  const unknown =
    unknownIn(
      principal.attrs ?? {},
      new Set(Object.keys(entityTypes.Workflow.attributes)),
      'principal.attrs',
    ) ??
    unknownIn(
      attrs,
      new Set(Object.keys(entityTypes[resource.uid.type as 'Tool'].attributes)),
      'resource.attrs',
    ) ??
    unknownIn(whole, contextFieldsOf(action), 'context');
  if (unknown !== undefined) return { unknown };
  const requester = { version: 1, requester: 'requester', requesterRoles: ['operator'] };
  return {
    action,
    principal: {
      uid: principal.uid,
      attrs: cedar({ ...requester, ...principal.attrs }),
      parents: principal.parents ?? [],
    },
    resource: { uid, attrs: cedar(attrs), parents: resource.parents ?? [] },
    context: contextOf(whole, manifest),
  };
}

function unknownIn(given: Fields, known: ReadonlySet<string>, where: string): string | undefined {
  const field = Object.keys(given).find((key) => !known.has(key));
  return field === undefined
    ? undefined
    : `${where}.${field}: policy is never told this; it is told ${[...known].join(', ')}`;
}

function attributesOf(manifest: ToolManifest | undefined, id: string): Fields {
  if (manifest !== undefined) {
    const { effect, risk, audience, origin, pool, version } = manifest;
    return { effect, risk, audience, origin, pool, version };
  }
  const [provider = '', ...rest] = id.split('/');
  return rest.length === 0 ? {} : { provider, name: rest.join('/') };
}

/** What the first plain request of a call, or of a plan, says of itself. */
function contextLeftOut(action: PolicyAction, id: string, attrs: Fields, given: Fields): Fields {
  const { effect, risk, audience } = attrs;
  const models = { influenced: false, influencedBy: [] };
  const tool = { tool: id, ...present({ effect, risk, audience }), ...models };
  const plan = { model: id, provider: id.split('/', 1)[0], purpose: 'act', round: 1, findings: [] };
  switch (action) {
    case 'tool.call':
      return {
        ...tool,
        arguments: {},
        occurrence: 1,
        attempt: 1,
        recovery: false,
        purpose: 'step',
        approved: false,
      };
    case 'tool.result': {
      const outputBytes = Buffer.byteLength(JSON.stringify(given.output) ?? '');
      return { ...tool, outcome: 'succeeded', outputBytes, findings: [] };
    }
    case 'model.call':
      return { ...plan, tokens: 1_000, costUsd: 0, tools: [] };
    case 'model.output':
      return { ...plan, ...models, confidence: 1, calls: [], hasOutput: true, hasQuestion: false };
  }
}

const present = (given: Fields): Fields =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** Data of a tool that a module brings is plain JSON, and has the types of its schemas; all else is Cedar JSON. */
function contextOf(context: Fields, manifest: ToolManifest | undefined): Question['context'] {
  const types: Readonly<Record<string, CedarType | undefined>> =
    manifest === undefined
      ? {}
      : { arguments: cedarTypeOf(manifest.input), output: cedarTypeOf(manifest.output) };
  const isPlain = (key: string): boolean =>
    manifest !== undefined && (key === 'arguments' || key === 'output');
  const entries = Object.entries(context).map(([key, value]) => [
    key,
    isPlain(key) ? (cedarValue(value, types[key]) ?? {}) : withDecimals(key, value),
  ]);
  return cedar(Object.fromEntries(entries));
}

function withDecimals(key: string, value: unknown): unknown {
  if (decimals.has(key) && typeof value === 'number') return cedarDecimal(value);
  if (key !== 'agent' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withDecimals(name, inner)]));
}

/** What was written as Cedar JSON is given to Cedar, which says what is wrong with it. */
const cedar = (written: Fields): Question['principal']['attrs'] => written as Question['principal']['attrs'];
