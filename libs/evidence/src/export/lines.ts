/** The largest value that is kept outside of the log has 64 MiB, and a third more in base64; a record stays far below. */
const LINE_BYTES_MAX = 90 * 1024 * 1024;
const NEWLINE = 0x0a;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A line of a file with its number, from 1; `text` is undefined when its bytes are not UTF-8 or far too many. */
export interface TextLine {
  readonly line: number;
  readonly text: string | undefined;
}

/** The lines of a stream of bytes, one at a time, without those that hold nothing. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  let line = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (): TextLine => {
    const text = size > LINE_BYTES_MAX ? undefined : decoded(Buffer.concat(parts));
    parts = [];
    size = 0;
    line += 1;
    return { line, text };
  };
  const put = (part: Uint8Array): void => {
    size += part.length;
    if (size <= LINE_BYTES_MAX) parts.push(part);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      put(chunk.subarray(from, at));
      from = at + 1;
      yield* notBlank(take());
    }
    if (from < chunk.length) put(chunk.subarray(from));
  }
  if (size > 0) yield* notBlank(take());
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function* notBlank(line: TextLine): Generator<TextLine> {
  if (line.text === undefined || line.text.trim() !== '') yield line;
}
