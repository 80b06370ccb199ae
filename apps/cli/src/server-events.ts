/** One server-sent event. */
export interface ServerEvent {
  readonly id?: string;
  readonly data: string;
}

/** The server sends something at least every 15 s; after three times that long the connection is dead. */
const SILENCE_MS = 45_000;

/** Reads the events of a stream; aborts `silence` when nothing at all comes for too long. */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  silence: AbortController,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let timer = watchdog(silence);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event !== undefined) yield event;
      }
      timer = watchdog(silence);
    }
  } finally {
    clearTimeout(timer);
  }
}

const watchdog = (silence: AbortController): NodeJS.Timeout =>
  setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE_MS / 1_000} s`)), SILENCE_MS);

/** Undefined for a block without data: a heartbeat. */
export function parseEvent(block: string): ServerEvent | undefined {
  const data: string[] = [];
  let id: string | undefined;
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'data') data.push(value);
    if (field === 'id') id = value;
  }
  if (data.length === 0) return undefined;
  return { data: data.join('\n'), ...(id === undefined ? {} : { id }) };
}
