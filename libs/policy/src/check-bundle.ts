import type { PolicyJson, PolicySet } from '@cedar-policy/cedar-wasm/nodejs';
import type { ToolManifest } from '@interlock/contracts';
import { checkAnnotations } from './annotations.js';
import { type AuthorSchema, readAuthorSchema } from './author.schema.js';
import { type BundleDocument, bundleDocument, type Problem } from './bundle.document.js';
import { askCanaries } from './canary.js';
import { type Cedar, Engine, EngineTrap } from './engine.js';
import { misfits } from './misfits.js';
import { problemOf } from './problem.place.js';
import { excessOf, PATTERNS_CHARS_MAX, patternCharsOf, tooDeepOrLong } from './text-limits.js';

export interface ParsedPolicy {
  readonly id: string;
  readonly text: string;
  readonly json: PolicyJson;
}

/** A bundle that can be asked. */
export interface ParsedBundle {
  readonly policies: readonly ParsedPolicy[];
  readonly hosts: readonly string[];
  readonly author: AuthorSchema;
}

export type Parsed =
  | { readonly ok: true; readonly bundle: ParsedBundle }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Judges what nobody has judged yet, and answers no questions of runs: what kills it harms nobody. */
const trial = new Engine();

/**
 * Everything that keeps a document from being published as a bundle; empty when it may be. It is judged by an engine that answers no
 * questions of runs, and is published only once that engine has answered questions with it.
 *
 * @param tools published tools, the newest version of each: policies are held against the types of their data
 */
export function checkBundle(document: unknown, tools: readonly ToolManifest[] = []): Problem[] {
  try {
    return trial.use((cedar) => {
      const parsed = parseBundle(cedar, document);
      if (!parsed.ok) return [...parsed.problems];
      const problems = misfits(cedar, parsed.bundle, tools);
      return problems.length > 0 ? problems : askCanaries(cedar, parsed.bundle);
    });
  } catch (error) {
    if (!(error instanceof EngineTrap)) throw error;
    return [
      { path: 'policies', message: 'the policy engine crashes on them: make their expressions shorter' },
    ];
  }
}

/** Parses a document, within what Cedar survives. */
export function parseBundle(cedar: Cedar, document: unknown): Parsed {
  const shape = bundleDocument.safeParse(document);
  if (!shape.success)
    return {
      ok: false,
      problems: shape.error.issues.map(({ path, message }) => ({ path: pathOf(path), message })),
    };
  const { data } = shape;
  const parsed = data.policies.map((policy, at) => parsePolicy(cedar, policy, at));
  const policies = parsed.flatMap((one) => ('json' in one ? [one] : []));
  const schema = readAuthorSchema(cedar, data.schema);
  const problems = [
    ...repeatedIds(data),
    ...parsed.flatMap((one) => ('problems' in one ? one.problems : [])),
    ...excessOfPatterns(policies),
    ...(schema.ok ? [] : schema.problems),
  ];
  if (problems.length > 0 || !schema.ok) return { ok: false, problems };
  return { ok: true, bundle: { policies, hosts: data.hosts ?? [], author: schema.author } };
}

/** The policies by id, as Cedar wants them so that its reasons name the ids. */
export function policySetOf(policies: readonly Pick<ParsedPolicy, 'id' | 'text'>[]): PolicySet {
  return { staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])) };
}

function repeatedIds({ policies }: BundleDocument): Problem[] {
  const seen = new Set<string>();
  return policies.flatMap(({ id }, at) => {
    const isRepeated = seen.has(id);
    seen.add(id);
    return isRepeated ? [{ path: `policies[${at}].id`, message: `there is already a policy ${id}` }] : [];
  });
}

type Attempt = ParsedPolicy | { readonly problems: readonly Problem[] };

function parsePolicy(cedar: Cedar, { id, text }: BundleDocument['policies'][number], at: number): Attempt {
  const path = `policies[${at}].text`;
  const excess = excessOf(text);
  if (excess !== undefined) return { problems: [{ path, message: excess }] };
  const answer = cedar.policyToJson(text);
  if (answer.type === 'failure')
    return { problems: answer.errors.map((error) => problemOf(error, path, text)) };
  const deep = tooDeepOrLong(answer.json);
  const problems = deep === undefined ? checkAnnotations(answer.json, path) : [{ path, message: deep }];
  return problems.length > 0 ? { problems } : { id, text, json: answer.json };
}

function excessOfPatterns(policies: readonly ParsedPolicy[]): Problem[] {
  const characters = policies.reduce((sum, { json }) => sum + patternCharsOf(json), 0);
  if (characters <= PATTERNS_CHARS_MAX) return [];
  const message = `patterns of like have ${characters} characters together, at most ${PATTERNS_CHARS_MAX} are judged`;
  return [{ path: 'policies', message }];
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
