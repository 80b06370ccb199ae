const encoder = new TextEncoder();

/** Bytes of a value as JSON in UTF-8, as an event holds it. */
export const jsonBytes = (value: unknown): number => encoder.encode(JSON.stringify(value) ?? '').length;
