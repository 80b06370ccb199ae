import { type TopicSpec, topicSettings } from '@interlock/contracts';

/** A topic as the cluster has it. */
export interface FoundTopic {
  /** Settings by name, as texts. */
  readonly settings: ReadonlyMap<string, string>;
  /** Of its partition with the fewest. */
  readonly replicas: number;
}

export interface Misfit {
  readonly setting: string;
  readonly found: string;
  readonly wanted: string;
}

/** With this many replicas one may be lost only if two hold every record that was acknowledged. */
const REPLICAS_SAFE = 3;

/**
 * In what a topic is not what it has to be. More room, a longer time and more replicas in sync are as good; a shorter time cuts a log that
 * is the only truth about its runs, and less room stops a partition at the first large append.
 */
export function misfitsOf(spec: TopicSpec, { settings, replicas }: FoundTopic): Misfit[] {
  const misfits = Object.entries(topicSettings(spec)).flatMap(([setting, wanted]) => {
    const found = settings.get(setting);
    return found === undefined || isGoodEnough(setting, found, wanted) ? [] : [{ setting, found, wanted }];
  });
  return [...misfits, ...insyncMisfit(settings.get('min.insync.replicas'), replicas)];
}

function isGoodEnough(setting: string, found: string, wanted: string): boolean {
  if (found === wanted) return true;
  if (setting === 'max.message.bytes') return Number(found) >= Number(wanted);
  if (setting !== 'retention.ms') return false;
  return found === '-1' || (wanted !== '-1' && Number(found) >= Number(wanted));
}

function insyncMisfit(found: string | undefined, replicas: number): Misfit[] {
  if (found === undefined) return [];
  const least = replicas >= REPLICAS_SAFE ? 2 : 1;
  const isRight = Number(found) >= least && Number(found) <= replicas;
  return isRight ? [] : [{ setting: 'min.insync.replicas', found, wanted: String(least) }];
}

/** Altering these leaves what is stored as it is. */
export const repairOf = (topic: string, misfits: readonly Misfit[], server: string): string =>
  `kafka-configs.sh --bootstrap-server ${server} --alter --entity-type topics --entity-name ${topic} --add-config ${misfits
    .map(({ setting, wanted }) => `${setting}=${wanted}`)
    .join(',')}`;
