import type { NamespaceDefinition } from '@cedar-policy/cedar-wasm/nodejs';
import { isAboutModel, type PolicyAction, policyActions } from './actions.js';
import {
  boolean,
  type CedarRecord,
  type CedarType,
  decimal,
  filledFrom,
  long,
  record,
  setOf,
  string,
} from './cedar.types.js';

/** What policies see of a tool's own data. Undefined: it has no one type. */
export interface ToolTypes {
  readonly input: CedarType | undefined;
  readonly output: CedarType | undefined;
}

/** Of a tool that nobody has described. */
export const undescribed: ToolTypes = { input: undefined, output: undefined };

const names = setOf(string);

/** Attributes of the entities that every question names. */
export const entityTypes = {
  Workflow: record({ version: long, requester: string, requesterRoles: names, tenant: string }, ['tenant']),
  Tool: record({
    effect: string,
    risk: string,
    audience: string,
    origin: string,
    pool: string,
    version: long,
  }),
  Model: record({ provider: string, name: string }),
} as const satisfies Readonly<Record<string, CedarRecord>>;

const aboutTool = {
  tool: string,
  effect: string,
  risk: string,
  audience: string,
  influenced: boolean,
  influencedBy: names,
};
const aboutPlan = { model: string, provider: string, purpose: string, round: long };

/** The context of each action; the data of a tool has the types of that tool. */
function contextsOf({ input, output }: ToolTypes): Readonly<Record<PolicyAction, CedarRecord>> {
  return {
    'tool.call': record(
      {
        ...aboutTool,
        arguments: input ?? record({}),
        occurrence: long,
        attempt: long,
        recovery: boolean,
        purpose: string,
        approved: boolean,
        agent: record({ level: string, model: string, confidence: decimal }),
      },
      ['agent'],
    ),
    'tool.result': record(
      {
        ...aboutTool,
        outcome: string,
        ...(output !== undefined && { output }),
        outputBytes: long,
        findings: names,
      },
      ['output'],
    ),
    'model.call': record({
      ...aboutPlan,
      tokens: long,
      costUsd: decimal,
      tools: names,
      findings: names,
    }),
    'model.output': record({
      ...aboutPlan,
      confidence: decimal,
      calls: names,
      hasOutput: boolean,
      hasQuestion: boolean,
      influenced: boolean,
      influencedBy: names,
      findings: names,
    }),
  };
}

const resourceOf = (action: PolicyAction): string => (isAboutModel(action) ? 'Model' : 'Tool');

/** What a schema says of our actions. */
export interface Scope {
  readonly tool: ToolTypes;
  /** Those that a question may have; the others are known and never asked about. */
  readonly actions: readonly PolicyAction[];
  /** Every context has what any other has, too: for a policy that has to look before it knows which action it is about. */
  readonly isWide: boolean;
}

/** The part of every schema that the system itself fills in: no bundle can say otherwise. */
export function baseSchema({ tool, actions, isWide }: Scope): NamespaceDefinition<string> {
  const contexts = contextsOf(tool);
  const all = Object.values(contexts);
  const ours = policyActions.map((action) => {
    const asked = actions.includes(action);
    const context = isWide ? (filledFrom(contexts[action], all) ?? contexts[action]) : contexts[action];
    const appliesTo = {
      principalTypes: asked ? ['Workflow'] : [],
      resourceTypes: asked ? [resourceOf(action)] : [],
      context,
    };
    return [action, { appliesTo }];
  });
  return {
    entityTypes: Object.fromEntries(
      Object.entries(entityTypes).map(([name, shape]) => [name, { shape, memberOfTypes: [] }]),
    ),
    actions: Object.fromEntries(ours),
  };
}

/** Everything that the context of a question about this action may hold. */
export const contextFieldsOf = (action: PolicyAction): ReadonlySet<string> =>
  new Set(Object.keys(contextsOf({ input: undefined, output: string })[action].attributes));
