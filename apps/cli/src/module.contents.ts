import { described, problemOf, VALUE_DEPTH_MAX } from '@interlock/contracts';
import { type DescribedModules, describeModules, ModuleError } from '@interlock/tools';

/** A document lies inside of the lists of what a module brings. */
const LISTS_DEPTH = 4;

/** What a module file brings, told by a process of its own; else what is wrong with it. */
export async function contentsOf(file: string): Promise<DescribedModules | ModuleError> {
  try {
    const contents = await describeModules([file]);
    // Which file a thing comes from is said by the loader, not by the module.
    const { files: _, ...brought } = contents;
    const problem = problemOf(brought, {
      depthMax: VALUE_DEPTH_MAX + LISTS_DEPTH,
      charsMax: Number.POSITIVE_INFINITY,
    });
    return problem === undefined ? contents : new ModuleError(file, described(problem));
  } catch (error) {
    if (error instanceof ModuleError) return error;
    throw error;
  }
}
