import { largeOutput, largeSteps } from '../large/large.steps.js';
import { Grammar } from './grammar.js';

/**
 * Which workflows are run: those that are written down, or for the greater part those that a seed draws. `talking` ones have agents, forms
 * and service levels, too: what draws them draws other numbers, so each seed keeps its documents. `large` ones are drawn, and hold values that
 * are too large for the log besides.
 */
export type Documents = 'fixed' | 'drawn' | 'talking' | 'large';

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
  const drawn = names.map((name, at) =>
    new Grammar(random, [...others, ...names.slice(0, at)], talks).document(name),
  );
  return documents === 'large' ? drawn.map((document) => enlarged(document, random)) : drawn;
}

function enlarged(document: ReturnType<Grammar['document']>, random: () => number): typeof document {
  const output = random() < 0.4 ? { output: largeOutput } : {};
  const budget = { ...document.budget, costUsd: 20, toolCalls: 400 };
  return { ...document, ...output, budget, steps: { ...document.steps, ...largeSteps(random) } };
}

export const isDrawn = (name: string): boolean => name.startsWith('drawn');
