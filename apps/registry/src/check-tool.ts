import { fieldOf, toolManifest } from '@interlock/contracts';
import { z } from 'zod';
import { type Catalogue, find } from './catalogue.js';
import { checkSchema } from './check-schema.js';
import type { Candidate, Problem } from './checked.js';

// An unknown field is refused: it would be part of the hash, and no decision would use it.
const manifest = z.strictObject(toolManifest.shape);

/** The problems of a manifest that is to be published. The tool that its recovery asks must be published before it. */
export function checkTool({ name, version, document }: Candidate, catalogue: Catalogue): Problem[] {
  const parsed = manifest.safeParse(document);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const tool = parsed.data;
  const problems: Problem[] = [];
  if (tool.name !== name) problems.push({ path: 'name', message: `is ${tool.name}, published as ${name}` });
  if (tool.version !== version)
    problems.push({ path: 'version', message: `is ${tool.version}, published as ${version}` });
  for (const part of ['input', 'output', 'failure'] as const)
    if (tool[part] !== undefined) problems.push(...checkSchema(tool[part], part));
  return [...problems, ...recoveryProblems(tool, catalogue)];
}

function recoveryProblems({ effect, recovery }: z.output<typeof manifest>, catalogue: Catalogue): Problem[] {
  if (effect === 'write' && recovery === undefined)
    return [
      {
        path: 'recovery',
        message: 'a write needs a recovery: idempotency-key, verify or ask-human',
      },
    ];
  if (recovery?.by !== 'verify') return [];
  const found = find(catalogue, 'tool', recovery.tool);
  if (found === undefined)
    return [{ path: 'recovery.tool', message: `${recovery.tool} is not published; publish it first` }];
  return fieldOf(found.document, 'effect') === 'read'
    ? []
    : [{ path: 'recovery.tool', message: `${recovery.tool} is a write; only a read can verify` }];
}
