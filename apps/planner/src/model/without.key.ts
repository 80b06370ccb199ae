import type { Secret } from '@interlock/service';

/** A shorter key could be an ordinary word of the answer. */
const KEY_CHARS_MIN = 8;

/** An answer may repeat the key, which must not get into an event. `value` is JSON; a key has no character that JSON escapes. */
export function withoutKey<T>(value: T, key: Secret | undefined): T {
  const hidden = key?.reveal() ?? '';
  if (hidden.length < KEY_CHARS_MIN) return value;
  const text = JSON.stringify(value);
  return text.includes(hidden) ? JSON.parse(text.replaceAll(hidden, '[key]')) : value;
}
