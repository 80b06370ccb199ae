import type { EntityJson, EntityUidJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import { type ApprovalRequirement, errorText, hashOf } from '@interlock/contracts';
import { isAboutModel, mayApply, type PolicyAction, policyActions, typeAndId } from './actions.js';
import { type Terms, termsOf } from './annotations.js';
import { groupsOf } from './author.schema.js';
import type { Problem } from './bundle.document.js';
import { type ParsedPolicy, parseBundle, policySetOf } from './check-bundle.js';
import { type Cedar, EngineTrap, engine } from './engine.js';
import { type Mentions, mentionsOf, narrowed } from './mentions.js';
import type { Floor } from './required.js';
import { strictest } from './strictest.js';

/** What a policy decision depends on, besides the bundle. All values in Cedar's JSON form. */
export interface Question {
  readonly action: PolicyAction;
  readonly principal: EntityJson;
  readonly resource: EntityJson;
  readonly context: StatefulAuthorizationCall['context'];
}

export interface Answer {
  readonly verdict: 'allow' | 'deny';
  /** What people must grant before an allowed call may run. */
  readonly approval?: ApprovalRequirement;
  /** Paths of the output that must not travel further; empty: none. */
  readonly redact: readonly string[];
  /** Ids of the determining policies, sorted. */
  readonly policies: readonly string[];
  /** For people, at most 2,000 characters. */
  readonly reason: string;
}

/** A parsed bundle: ready to be asked, as often as one likes. */
export interface Bundle {
  /** `hashOf` its document. */
  readonly hash: string;
  readonly hosts: readonly string[];
  /** Never throws: whatever goes wrong is a deny. */
  ask(question: Question): Answer;
}

export type LoadedBundle =
  | { readonly ok: true; readonly bundle: Bundle }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses a published document once. Cedar keeps the parsed form by hash for as long as its instance lives, so loading
 * the same document again costs nothing that lasts.
 */
export function loadBundle(document: unknown): LoadedBundle {
  const parsed = parsedOnce(document);
  if (!parsed.ok) return parsed;
  const { policies, hosts, author } = parsed.bundle;
  const hash = hashOf(document);
  const terms = new Map(policies.map(({ id, json }) => [id, termsOf(json)]));
  const parts = new Map(
    policyActions.map((action) => {
      const groups = groupsOf(action, author);
      const ofAction = policies.filter(({ json }) => mayApply(json, action, groups));
      return [action, new PartOfBundle(`${hash}/${action}`, ofAction, groups)];
    }),
  );
  return {
    ok: true,
    bundle: {
      hash,
      hosts,
      ask(question) {
        const part = parts.get(question.action);
        if (part === undefined) return denied(`${question.action} is not an action`);
        return ask(part, terms, narrowed(question, part.mentions));
      },
    },
  };
}

function parsedOnce(document: unknown) {
  try {
    return engine.use((cedar) => parseBundle(cedar, document));
  } catch (error) {
    if (!(error instanceof EngineTrap)) throw error;
    return { ok: false as const, problems: [{ path: 'policies', message: error.message }] };
  }
}

/** The policies that can apply to one action, preparsed under an id of their own: the others would only cost time. */
class PartOfBundle {
  readonly mentions: Mentions;
  /** One of them is a permit. */
  readonly permits: boolean;
  #preparedFor: number | undefined;

  constructor(
    readonly id: string,
    readonly policies: readonly ParsedPolicy[],
    /** What the action is in: policies may name these in its place. */
    readonly groups: readonly EntityUidJson[],
  ) {
    this.mentions = mentionsOf(policies.map(({ json }) => json));
    this.permits = policies.some(({ json }) => json.effect === 'permit');
  }

  /** An engine that was started again has forgotten what it had parsed. */
  prepareIn(cedar: Cedar, generation: number): void {
    if (this.#preparedFor === generation) return;
    const answer = cedar.preparsePolicySet(this.id, policySetOf(this.policies));
    if (answer.type === 'failure') throw new Error(answer.errors[0]?.message ?? 'the policies do not parse');
    this.#preparedFor = generation;
  }
}

/** A deny for a reason that lies outside every policy. */
export const denied = (reason: string, policies: readonly string[] = []): Answer => ({
  verdict: 'deny',
  redact: [],
  policies: [...policies].sort(),
  reason: reason.slice(0, 2_000),
});

/** Hash of everything a decision depended on: the bundle, the question and what is required besides. */
export const digestOf = (bundle: string, question: Question, floor?: Floor): string =>
  hashOf({ bundle, ...question, ...(floor !== undefined && { floor }) });

function ask(part: PartOfBundle, terms: ReadonlyMap<string, Terms>, question: Question): Answer {
  const answer = authorize(part, question);
  if (typeof answer === 'string') return denied(`policy could not be asked: ${answer}`);
  const { decision, diagnostics } = answer;
  const [error] = diagnostics.errors;
  if (error !== undefined) {
    const failed = diagnostics.errors.map(({ policyId }) => policyId);
    return denied(`policy ${error.policyId} could not be evaluated: ${error.error.message}`, failed);
  }
  const policies = [...diagnostics.reason].sort();
  if (decision === 'allow') return allowed(policies, terms, question.action);
  return policies.length === 0
    ? denied(unpermitted(part, question))
    : denied(`forbidden by ${policies.join(', ')}`, policies);
}

/** A bundle that was written before its workflows had agents has no permit for them: say so. */
function unpermitted({ permits }: PartOfBundle, { action, resource }: Question): string {
  if (permits || !isAboutModel(action)) return `no policy permits ${action}`;
  const { type, id } = typeAndId(resource.uid);
  return `no policy permits ${action}: the bundle has no permit with action == Action::"${action}", and ${type}::"${id}" needs one`;
}

/** The response, or in words why there is none. A new engine gets the question once more: what killed the last may have been another's. */
function authorize(part: PartOfBundle, question: Question) {
  try {
    return respond(part, question);
  } catch (error) {
    if (!(error instanceof EngineTrap)) return wordsOf(error);
  }
  try {
    return respond(part, question);
  } catch (error) {
    // Fail closed: whatever Cedar throws is a denial, and the run must get it instead of waiting.
    return wordsOf(error);
  }
}

function respond(part: PartOfBundle, { action, principal, resource, context }: Question) {
  const uid = { type: 'Action', id: action };
  const entities = [principal, resource, { uid, attrs: {}, parents: [...part.groups] }];
  const answer = engine.use((cedar, generation) => {
    part.prepareIn(cedar, generation);
    return cedar.statefulIsAuthorized({
      principal: principal.uid,
      action: uid,
      resource: resource.uid,
      context,
      preparsedPolicySetId: part.id,
      entities: entities.filter(isWorthTelling),
    });
  });
  return answer.type === 'success' ? answer.response : (answer.errors[0]?.message ?? 'no reason given');
}

const wordsOf = (error: unknown): string => errorText(error);

/** Without attributes and parents an entity that is told is the same as one that is not. */
const isWorthTelling = ({ attrs, parents }: EntityJson): boolean =>
  parents.length > 0 || Object.keys(attrs).length > 0;

function allowed(
  policies: readonly string[],
  terms: ReadonlyMap<string, Terms>,
  action: Question['action'],
): Answer {
  const combined = strictest(policies.flatMap((id) => terms.get(id) ?? []));
  if (combined.conflict) return denied('the permits ask for approvers that have no role in common', policies);
  const { approval, redact } = combined;
  const isBefore = action === 'tool.call';
  if (isAboutModel(action) && (approval !== undefined || (action === 'model.output' && redact.length > 0)))
    return denied(
      `the permits for ${action} ask for a redaction, which is not possible there: allow it as it is, or forbid it`,
      policies,
    );
  const asks = isBefore && approval !== undefined ? `, with ${approval.kind} approval` : '';
  return {
    verdict: 'allow',
    ...(isBefore && approval !== undefined && { approval }),
    redact: action === 'tool.result' ? redact : [],
    policies,
    reason: `permitted by ${policies.join(', ')}${asks}`.slice(0, 2_000),
  };
}
