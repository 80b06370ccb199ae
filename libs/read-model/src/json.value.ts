/** The JSON value of some bytes; undefined: they hold none. */
export function jsonIn(bytes: Uint8Array | null): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));
  } catch {
    return undefined;
  }
}
