import type { Misfit } from '@interlock/schema';

const PROBLEMS_MAX = 5;

/** What is wrong with a value, in one line. */
export const misfitText = ({ problems }: Misfit): string =>
  problems
    .slice(0, PROBLEMS_MAX)
    .map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`)
    .join('; ');
