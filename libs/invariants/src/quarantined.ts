import { fieldOf, type ServiceName } from '@interlock/contracts';
import { dataOf, type Logged } from './reading.js';
import type { View } from './view.js';

/** Ids of the commands that a service has set aside. */
export function quarantined({ topics }: View, service: ServiceName): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const record of (topics.get(`${service}.quarantine`) ?? []).flat()) {
    const value = fieldOf(dataOf(record), 'value');
    try {
      const text = Buffer.from(typeof value === 'string' ? value : '', 'base64').toString('utf8');
      const commandId = fieldOf(JSON.parse(text), 'commandId');
      if (typeof commandId === 'string') ids.add(commandId);
    } catch {
      // Garbage is quarantined too.
    }
  }
  return ids;
}

/** Whether a service has set a record aside: people are told of it, with its cause. */
export function isSetAside(
  { topics }: View,
  service: ServiceName,
  { topic, partition, offset, part }: Logged<unknown>,
): boolean {
  const records = (topics.get(`${service}.quarantine`) ?? []).flat();
  return records.some((record) => {
    const aside = dataOf(record);
    const isIn = fieldOf(aside, 'topic') === topic && fieldOf(aside, 'partition') === partition;
    return isIn && fieldOf(aside, 'offset') === offset && (fieldOf(aside, 'part') ?? 0) === part;
  });
}
