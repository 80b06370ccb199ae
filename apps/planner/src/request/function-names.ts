/** The protocol allows functions 64 letters, digits, `_` and `-`. */
export const FUNCTION_NAME_MAX = 64;

/** Gives the step's output. Names of tools have no capitals, so none is taken for it. */
export const FINISH = 'Finish';

/** Asks whom the step serves. */
export const ASK = 'Ask';

/**
 * A dot becomes `__`, the slash behind the name of a module `M`, and an underscore that would touch another one or a dot becomes `U`: no two tools share a name, and
 * every name leads back to its tool.
 */
export const functionNameOf = (tool: string): string =>
  tool
    .replace(/_(?=[_.])|(?<=[_.])_/g, 'U')
    .replaceAll('.', '__')
    .replaceAll('/', 'M');

/** The way back; also for names that stand for no listed tool, so that whoever proposed them is told. */
export const toolNameOf = (name: string): string =>
  name.replaceAll('__', '.').replaceAll('U', '_').replaceAll('M', '/');
