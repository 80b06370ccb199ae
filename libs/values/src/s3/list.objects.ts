/** A page of a list of objects. */
export interface Listed {
  readonly objects: readonly { readonly key: string; readonly size: number; readonly writtenAt: number }[];
  /** What stands in front of the delimiter, with it. */
  readonly folders: readonly string[];
  /** Where the next page begins. */
  readonly next: string | undefined;
}

/** Reads an answer of ListObjectsV2. Keys of ours hold nothing that XML writes otherwise, but for what a service escapes without need. */
export function listed(xml: string): Listed {
  const objects = all(xml, 'Contents').map((part) => ({
    key: textIn(part, 'Key'),
    size: Number(textIn(part, 'Size')),
    writtenAt: Date.parse(textIn(part, 'LastModified')),
  }));
  const folders = all(xml, 'CommonPrefixes').map((part) => textIn(part, 'Prefix'));
  const isCut = textIn(xml, 'IsTruncated') === 'true';
  return { objects, folders, next: isCut ? textIn(xml, 'NextContinuationToken') : undefined };
}

const all = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner = '']) => inner);

const textIn = (xml: string, name: string): string => plain(all(xml, name)[0] ?? '');

const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
