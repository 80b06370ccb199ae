import { Grammar } from './grammar.js';

/**
 * Which workflows are run: those that are written down, or for the greater part those that a seed draws. `talking` ones have agents, forms
 * and service levels, too: what draws them draws other numbers, so each seed keeps its documents.
 */
export type Documents = 'fixed' | 'drawn' | 'talking';

const DRAWN = 3;
/** Written ones that a drawn one may start. */
const others = ['turning', 'asked', 'undone'];

/** Documents of one seed. One may start those before it. */
export function documentsOf(
  random: () => number,
  documents: Documents = 'drawn',
): readonly ReturnType<Grammar['document']>[] {
  if (documents === 'fixed') return [];
  const names = Array.from({ length: DRAWN }, (_, at) => `drawn${at + 1}`);
  const talks = documents === 'talking';
  return names.map((name, at) =>
    new Grammar(random, [...others, ...names.slice(0, at)], talks).document(name),
  );
}

export const isDrawn = (name: string): boolean => name.startsWith('drawn');
