import {
  type DetailedError,
  type PolicySet,
  policyToJson,
  type Schema,
  type ValidationError,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { checkAnnotations } from './annotations.js';
import { type BundleDocument, bundleDocument, type Problem } from './bundle.document.js';
import { misfitsOfModels } from './model.schema.js';

/** Everything that keeps a document from being published as a bundle; empty when it may be. */
export function checkBundle(document: unknown): Problem[] {
  const parsed = bundleDocument.safeParse(document);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({ path: pathOf(path), message }));
  const bundle = parsed.data;
  const problems = [...repeatedIds(bundle), ...bundle.policies.flatMap(checkPolicy)];
  return problems.length > 0 ? problems : checkAgainstSchema(bundle);
}

/** The policies by id, as Cedar wants them so that its reasons name the ids. */
export function policySetOf({ policies }: Pick<BundleDocument, 'policies'>): PolicySet {
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

function checkPolicy({ text }: BundleDocument['policies'][number], at: number): Problem[] {
  const path = `policies[${at}].text`;
  const answer = policyToJson(text);
  if (answer.type === 'failure') return answer.errors.map((error) => problemOf(error, path, text));
  return checkAnnotations(answer.json, path);
}

function checkAgainstSchema(bundle: BundleDocument): Problem[] {
  if (bundle.schema === undefined) return misfitsOfModels(bundle.policies).map(misfit(bundle));
  const answer = validate({ schema: bundle.schema as Schema, policies: policySetOf(bundle) });
  if (answer.type === 'failure')
    return answer.errors.map(({ message, help }) => ({ path: 'schema', message: sentence(message, help) }));
  return answer.validationErrors.map(misfit(bundle));
}

const misfit =
  ({ policies }: BundleDocument) =>
  ({ policyId, error }: ValidationError): Problem => {
    const at = policies.findIndex(({ id }) => id === policyId);
    return problemOf(error, `policies[${at}].text`, policies[at]?.text ?? '');
  };

function problemOf({ message, help, sourceLocations }: DetailedError, path: string, text: string): Problem {
  const start = sourceLocations?.[0]?.start;
  const place = start === undefined ? {} : placeOf(text, start);
  return { path, message: sentence(message, help), ...place };
}

const sentence = (message: string, help: string | null): string =>
  help === null ? message : `${message} (${help})`;

/** Cedar counts bytes of UTF-8. */
function placeOf(text: string, byte: number): { line: number; column: number } {
  const lines = Buffer.from(text).subarray(0, byte).toString('utf8').split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
