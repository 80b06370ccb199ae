import { triggerDocument } from '@interlock/contracts';
import { checkTrigger } from '@interlock/language';
import { type Catalogue, find } from './catalogue.js';
import type { Problem } from './checked.js';

/** A trigger, with the workflow that it starts. */
export function checkPublishedTrigger(document: unknown, catalogue: Catalogue): readonly Problem[] {
  const problems = checkTrigger(document);
  if (problems.length > 0) return problems;
  const { does } = triggerDocument.parse(document);
  if (!('start' in does)) return [];
  const { workflow, version } = does.start;
  if (find(catalogue, 'workflow', workflow, version) !== undefined) return [];
  const named = version === undefined ? workflow : `${workflow}@${version}`;
  return [{ path: 'does.start.workflow', message: `there is no published workflow ${named}` }];
}
