import type { Secret } from '@interlock/service';

/** A key shorter than this is a word that may stand anywhere. */
const KEY_CHARS_MIN = 8;

/** What an endpoint answers may repeat the key: it gets into no event. `value` is JSON; a key has no character that JSON escapes. */
export function withoutKey<T>(value: T, key: Secret | undefined): T {
  const hidden = key?.reveal() ?? '';
  if (hidden.length < KEY_CHARS_MIN) return value;
  const text = JSON.stringify(value);
  return text.includes(hidden) ? JSON.parse(text.replaceAll(hidden, '[key]')) : value;
}
