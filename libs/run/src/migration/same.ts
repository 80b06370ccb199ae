import { hashOf } from '@interlock/contracts';
import { type CompiledStep, mapSteps } from '@interlock/language';

/** What a step of the version before is called in the other one. */
export type Rename = (id: string) => string;

/**
 * The fields in which two definitions of a step differ, `id` aside: its needs in any order, whichever models may influence it. Names of
 * other steps stand in the first as `rename` has them. Empty: what has begun under one goes on under the other as if nothing had changed.
 */
export function differences(before: CompiledStep, after: CompiledStep, rename: Rename): string[] {
  const [one, other] = [fieldsOf(before, rename), fieldsOf(after, (id) => id)];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.filter((name) => !isSame(one[name], other[name])).sort();
}

export const isSame = (one: unknown, other: unknown): boolean =>
  hashOf(one ?? null) === hashOf(other ?? null);

function fieldsOf(step: CompiledStep, rename: Rename): Readonly<Record<string, unknown>> {
  const [plain = step] = mapSteps([step], ({ influencedBy: _, ...rest }) => rest);
  const { id: _, needs, onFailure, ...rest } = plain;
  return {
    ...rest,
    needs: needs.map(rename).sort(),
    onFailure: onFailure?.do === 'fallback' ? { ...onFailure, step: rename(onFailure.step) } : onFailure,
  };
}
