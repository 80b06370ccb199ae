import { Grammar } from './grammar.js';

/** Which workflows are run: those that are written down, or for the greater part those that a seed draws. */
export type Documents = 'fixed' | 'drawn';

const DRAWN = 3;
/** Written ones that a drawn one may start. */
const others = ['turning', 'asked', 'undone'];

/** Documents of one seed. One may start those before it. */
export function documentsOf(random: () => number): readonly ReturnType<Grammar['document']>[] {
  const names = Array.from({ length: DRAWN }, (_, at) => `drawn${at + 1}`);
  return names.map((name, at) => new Grammar(random, [...others, ...names.slice(0, at)]).document(name));
}

export const isDrawn = (name: string): boolean => name.startsWith('drawn');
