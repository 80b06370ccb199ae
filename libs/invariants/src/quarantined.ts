import type { ServiceName } from '@interlock/contracts';
import { dataOf, type Logged } from './reading.js';
import type { View } from './view.js';

/** Ids of the commands that a service has set aside. */
export function quarantined({ topics }: View, service: ServiceName): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const record of (topics.get(`${service}.quarantine`) ?? []).flat()) {
    const { value } = dataOf(record) as { value: string | null };
    try {
      const { commandId } = JSON.parse(Buffer.from(value ?? '', 'base64').toString('utf8'));
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
    const aside = dataOf(record) as Partial<Logged<unknown>>;
    const isThere = aside.topic === topic && aside.partition === partition && aside.offset === offset;
    return isThere && (aside.part ?? 0) === part;
  });
}
