/** A length of time as people write it in a case: `250ms`, `12s`, `PT1H30M`. */
export function durationOf(ms: number): string {
  if (ms < 1_000) return `${Math.max(1, Math.round(ms))}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'H'],
    [Math.floor((seconds % 3_600) / 60), 'M'],
    [seconds % 60, 'S'],
  ] as const;
  return `PT${parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`])).join('')}`;
}

/** For a field that is left out where no time passed. */
export const afterOf = (ms: number): { readonly after?: string } => (ms < 1 ? {} : { after: durationOf(ms) });
