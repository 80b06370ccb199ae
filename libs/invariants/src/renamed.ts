type Names = Readonly<Record<string, string>>;

/** What a step is called in another version, which may call steps of the workflow itself otherwise. */
export const nameAfter = (step: string, map: Names = {}): string =>
  step.replace(/^[^/[#]+/, (name) => map[name] ?? name);

/** What is known of steps, by their paths, under their names in another version: at once, so that steps may trade names. */
export function renameAll<T>(known: Map<string, T>, map: Names = {}): undefined {
  const all = [...known];
  known.clear();
  for (const [step, one] of all) known.set(nameAfter(step, map), one);
}
