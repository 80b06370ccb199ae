import type { NewRecord } from '@interlock/broker';
import { auditHeaders } from '@interlock/contracts';

const PREFIX = 'ce_';
/** Attributes that are numbers; CloudEvents has no others of ours. */
const counted: ReadonlySet<string> = new Set(
  [auditHeaders.seq, auditHeaders.sourceoffset, auditHeaders.sourceepoch, auditHeaders.sourceindex].map(
    (header) => header.slice(PREFIX.length),
  ),
);

/** A record of the audit stream as one JSON text: CloudEvents 1.0, JSON format. `position`: where to go on behind it. */
export function cloudEventJson({ headers, value }: NewRecord, position: string): string {
  const attributes = Object.entries(headers).flatMap(([header, bytes]) => {
    if (!header.startsWith(PREFIX)) return [];
    const name = header.slice(PREFIX.length);
    const text = Buffer.from(bytes).toString('utf8');
    return [[name, counted.has(name) ? Number(text) : text] as const];
  });
  const about = { ...Object.fromEntries(attributes), position, datacontenttype: 'application/json' };
  const data = Buffer.from(value ?? nothing).toString('utf8');
  return `${JSON.stringify(about).slice(0, -1)},"data":${data}}`;
}

const nothing = Buffer.from('null');
