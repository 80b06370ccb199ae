/** Bytes of a value as JSON in UTF-8, as an event holds it. Each event is measured, so they are counted and not made. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
