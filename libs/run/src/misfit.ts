import type { Misfit } from '@interlock/schema';

const TOLD_MAX = 5;

/** What is wrong with a value, in one line. */
export const toldOf = ({ problems }: Misfit): string =>
  problems
    .slice(0, TOLD_MAX)
    .map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`)
    .join('; ');
