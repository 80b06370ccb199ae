const form =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** UTC ms of an instant in ISO 8601 with its offset from UTC; undefined: it is not an instant, or its day does not exist. */
export function parseInstant(text: string): number | undefined {
  const [, year, month, day] = form.exec(text) ?? [];
  if (year === undefined || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  // biome-ignore lint/style/noRestrictedGlobals: reads a text, not the clock
  return Date.parse(text);
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
