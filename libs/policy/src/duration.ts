const unitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;
const amount = '(\\d{1,9})';
const iso = new RegExp(
  `^P(?:${amount}W)?(?:${amount}D)?(?:T(?=\\d)(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`,
);

/** A year: people who are given longer have been forgotten. */
const MAX_MS = 366 * 86_400_000;

/** Milliseconds of an ISO 8601 duration in weeks to seconds, `PT10M` or `P1DT12H`; undefined for anything else, zero and more than a year. */
export function durationMs(text: string): number | undefined {
  const amounts = iso.exec(text)?.slice(1) ?? [];
  const ms = amounts.reduce((sum, one, at) => sum + Number(one ?? 0) * (unitsMs[at] ?? 0), 0);
  return ms > 0 && ms <= MAX_MS ? ms : undefined;
}
