import { triggerDocument } from '@interlock/contracts';
import { checkTrigger } from '@interlock/language';
import { type Catalogue, find } from './catalogue.js';
import type { Problem } from './checked.js';
import type { RegistrySettings } from './registry.state.js';

const nobodyWrites =
  'there are topics of others on Kafka alone (KAFKA_BROKERS): nobody else can write to the embedded log. Use signed requests here';

/** A trigger, with the workflow that it starts. */
export function checkPublishedTrigger(
  document: unknown,
  catalogue: Catalogue,
  { hasTopicsOfOthers }: Pick<RegistrySettings, 'hasTopicsOfOthers'>,
): readonly Problem[] {
  const problems = checkTrigger(document);
  if (problems.length > 0) return problems;
  const { does, topic } = triggerDocument.parse(document);
  if (topic !== undefined && !hasTopicsOfOthers) return [{ path: 'topic', message: nobodyWrites }];
  if (!('start' in does)) return [];
  const { workflow, version } = does.start;
  if (find(catalogue, 'workflow', workflow, version) !== undefined) return [];
  const named = version === undefined ? workflow : `${workflow}@${version}`;
  return [{ path: 'does.start.workflow', message: `there is no published workflow ${named}` }];
}
