import { hashOf } from '@interlock/contracts';
import { checkBundle } from '@interlock/policy';
import { z } from 'zod';
import { type Catalogue, find, newestTools } from './catalogue.js';
import { checkSchema } from './check-schema.js';
import { checkTool } from './check-tool.js';
import { checkPublishedTrigger } from './check-trigger.js';
import { checkTable, checkWorkflow } from './check-workflow.js';
import { type Candidate, type Checked, type Problem, problem } from './checked.js';
import type { RegistrySettings } from './registry.state.js';

/** A document and its compiled form travel in one event, which holds 512 KB. */
const BYTES_MAX = 480 * 1_024;

/**
 * Judges a document by its kind and by what is published already. A version that is published with this document is
 * answered as it stands, whatever has been published since: what runs pinned must not change under them.
 */
export function checkArtifact(
  candidate: Candidate,
  catalogue: Catalogue,
  settings: Pick<RegistrySettings, 'hasTopicsOfOthers'> = { hasTopicsOfOthers: true },
): Checked {
  const { kind, name, version, document } = candidate;
  const documentHash = hashIfJson(document);
  if (documentHash === undefined) return problem('document', 'is not JSON that can be hashed');
  const published = find(catalogue, kind, name, version);
  if (published !== undefined)
    return hashOf(published.document) === documentHash
      ? published
      : problem('version', `${name}@${version} is published with another document: raise the version`);
  const newest = find(catalogue, kind, name)?.version ?? 0;
  if (version <= newest) return problem('version', `versions rise: ${name} is at ${newest} already`);
  const checked = checkByKind(candidate, documentHash, catalogue, settings);
  return 'problems' in checked ? checked : withinBytes(candidate, checked);
}

function checkByKind(
  candidate: Candidate,
  documentHash: string,
  catalogue: Catalogue,
  settings: Pick<RegistrySettings, 'hasTopicsOfOthers'>,
): Checked {
  const { kind, document } = candidate;
  switch (kind) {
    case 'tool':
      return verdict(checkTool(candidate, catalogue), documentHash);
    case 'workflow':
      return checkWorkflow(candidate, catalogue);
    case 'table':
      return checkTable(candidate);
    case 'policy':
      return verdict(checkBundle(document, newestTools(catalogue)), documentHash);
    case 'schema':
      return verdict(checkSchema(document, 'document'), documentHash);
    case 'trigger':
      return verdict(checkPublishedTrigger(document, catalogue, settings), documentHash);
    case 'prompt':
      return verdict(checkPrompt(document), documentHash);
  }
}

const prompt = z.strictObject({ text: z.string().min(1) });

const checkPrompt = (document: unknown): Problem[] =>
  (prompt.safeParse(document).error?.issues ?? []).map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }));

const verdict = (problems: readonly Problem[], hash: string): Checked =>
  problems.length > 0 ? { problems } : { hash };

function withinBytes({ document }: Candidate, checked: Extract<Checked, { hash: string }>): Checked {
  const bytes = Buffer.byteLength(JSON.stringify({ document, compiled: checked.compiled }));
  return bytes <= BYTES_MAX
    ? checked
    : problem('document', `${bytes} bytes with what it names; at most ${BYTES_MAX} can be published`);
}

/** Text with half a surrogate pair parses as JSON and cannot be hashed. */
function hashIfJson(document: unknown): string | undefined {
  try {
    return hashOf(document);
  } catch {
    return undefined;
  }
}
