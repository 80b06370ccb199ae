/** A length of time as tools write it: `500ms`, `10s`, `5m`, `2h`, `1d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const form = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Whole milliseconds.
 * @throws {TypeError} the text is not a duration
 */
export function durationMs(text: string): number {
  const match = form.exec(text);
  if (match === null) throw new TypeError(`'${text}' is not a duration: write 500ms, 10s, 5m, 2h or 1d`);
  const [, amount, unit] = match;
  return Math.round(Number(amount) * unitMs[unit as keyof typeof unitMs]);
}
