import type { ValidationError } from '@cedar-policy/cedar-wasm/nodejs';
import type { ToolManifest } from '@interlock/contracts';
import { actionsNamed, isAboutModel, policyActions, typeAndId } from './actions.js';
import { schemaWith } from './author.schema.js';
import { type Scope, type ToolTypes, undescribed } from './base.schema.js';
import type { Problem } from './bundle.document.js';
import { cedarTypeOf, filledFrom } from './cedar.types.js';
import { type ParsedBundle, type ParsedPolicy, policySetOf } from './check-bundle.js';
import type { Cedar } from './engine.js';
import { mentionsOf } from './mentions.js';
import { problemOf } from './problem.place.js';

/** A policy that looks into the data of tools, and whose. */
interface Looking {
  readonly policy: ParsedPolicy;
  /** The tool that its scope names; undefined: any. */
  readonly tool: string | undefined;
}

/**
 * What in the policies does not fit what they will be asked: names that are not there, and numbers compared as what they are not.
 *
 * A policy whose scope names a tool is held against that tool's data. Any other may be asked about each, so it is held against each; a
 * name has to be one of some tool's data, and where a tool has it, its type counts.
 */
export function misfits(cedar: Cedar, bundle: ParsedBundle, tools: readonly ToolManifest[]): Problem[] {
  const looking = bundle.policies.filter(looksAtData).map((policy) => ({ policy, tool: toolNamed(policy) }));
  const others = bundle.policies.filter((policy) => !looking.some((one) => one.policy === policy));
  const described = tools.map(describe);
  const problems = [
    ...unpublished(bundle, looking, described),
    ...misfitsIn(cedar, bundle, others, undescribed),
    ...misfitsInAny(cedar, bundle, looking, described),
  ];
  const seen = new Set<string>();
  return problems.filter(({ path, message, line }) => {
    const key = JSON.stringify([path, message, line]);
    return seen.has(key) ? false : seen.add(key);
  });
}

interface Described extends ToolTypes {
  readonly name: string;
}

const describe = ({ name, input, output }: ToolManifest): Described => ({
  name,
  input: cedarTypeOf(input),
  output: cedarTypeOf(output),
});

function misfitsInAny(
  cedar: Cedar,
  bundle: ParsedBundle,
  looking: readonly Looking[],
  tools: readonly Described[],
): Problem[] {
  const anyTool = looking.filter(({ tool }) => tool === undefined).map(({ policy }) => policy);
  const all = {
    input: filledFrom(
      undefined,
      tools.map(({ input }) => input),
    ),
    output: filledFrom(
      undefined,
      tools.map(({ output }) => output),
    ),
  };
  if (tools.length === 0) return misfitsIn(cedar, bundle, anyTool, undescribed);
  return tools.flatMap(({ name, input, output }) => {
    const own = looking.filter(({ tool }) => tool === name).map(({ policy }) => policy);
    const wide = { input: filledFrom(input, [all.input]), output: filledFrom(output, [all.output]) };
    return [
      ...misfitsIn(cedar, bundle, own, { input, output }),
      ...misfitsIn(cedar, bundle, anyTool, wide).map((problem) => ofTool(problem, name)),
    ];
  });
}

const ofTool = (problem: Problem, name: string): Problem => ({
  ...problem,
  message: `${problem.message}, when it is asked about ${name}`,
});

/**
 * A policy whose scope names actions is held against what they have. Any other is asked about tools and about models, and may be meant
 * for either: it has to fit one of them.
 */
function misfitsIn(
  cedar: Cedar,
  bundle: ParsedBundle,
  judged: readonly ParsedPolicy[],
  tool: ToolTypes,
): Problem[] {
  const named = judged.filter(({ json }) => actionsNamed(json) !== undefined);
  const open = judged.filter((policy) => !named.includes(policy));
  const isWide = true;
  const ofTools = validated(cedar, bundle, open, { tool, actions: toolActions, isWide });
  const ofModels = validated(cedar, bundle, open, { tool, actions: modelActions, isWide });
  const isUnfit = ({ path }: Problem) => path === 'schema' || ofModels.some((other) => other.path === path);
  return [
    ...validated(cedar, bundle, named, { tool, actions: policyActions, isWide: false }),
    ...ofTools.filter(isUnfit),
  ];
}

const modelActions = policyActions.filter(isAboutModel);
const toolActions = policyActions.filter((action) => !isAboutModel(action));

function validated(
  cedar: Cedar,
  { policies, author }: ParsedBundle,
  judged: readonly ParsedPolicy[],
  scope: Scope,
): Problem[] {
  if (judged.length === 0) return [];
  const answer = cedar.validate({ schema: schemaWith(scope, author), policies: policySetOf(judged) });
  if (answer.type === 'failure')
    return answer.errors.map((error) => ({ ...problemOf(error, 'schema', ''), path: 'schema' }));
  return [...answer.validationErrors, ...answer.validationWarnings.filter(neverApplies)].map((one) => {
    const { policyId, error } = one;
    const at = policies.findIndex(({ id }) => id === policyId);
    const message = neverApplies(one) ? NEVER_ASKED : withoutId(error.message, policyId);
    const help = error.help === null ? null : withoutId(error.help, policyId);
    return problemOf({ ...error, message, help }, `policies[${at}].text`, policies[at]?.text ?? '');
  });
}

const withoutId = (text: string, policyId: string): string =>
  text.replace(`for policy \`${policyId}\`, `, '');

const NEVER_ASKED =
  'nothing that policy is asked has this principal, action and resource together: the principal is a Workflow, the resource of tool.call and tool.result a Tool, that of model.call and model.output a Model';

/** Nothing that policy is ever asked has such a principal, action and resource together. */
const neverApplies = ({ error }: ValidationError): boolean =>
  error.message.includes('unable to find an applicable action');

function unpublished(
  { policies }: ParsedBundle,
  looking: readonly Looking[],
  tools: readonly Described[],
): Problem[] {
  return looking.flatMap(({ policy, tool }) => {
    if (tool === undefined || tools.some(({ name }) => name === tool)) return [];
    const path = `policies[${policies.indexOf(policy)}].text`;
    const message = `it looks at the data of ${tool}, which is not published: publish the tool first, or correct its name`;
    return [{ path, message }];
  });
}

function looksAtData({ json }: ParsedPolicy): boolean {
  const { whole, parts } = mentionsOf([json]).context;
  return whole || parts.has('arguments') || parts.has('output');
}

function toolNamed({ json: { resource } }: ParsedPolicy): string | undefined {
  if (!('op' in resource) || (resource.op !== '==' && resource.op !== 'in') || !('entity' in resource))
    return undefined;
  const { type, id } = typeAndId(resource.entity);
  return type === 'Tool' ? id : undefined;
}
