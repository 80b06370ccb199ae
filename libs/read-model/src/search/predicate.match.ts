import {
  type Comparison,
  type FilterValue,
  isManyField,
  type RunAtom,
  type RunPredicate,
} from '@interlock/language';
import { type RunFacets, valuesOf } from './run.facets.js';

/** Whether a run is what the predicate asks for. Words are asked of their own index: here they always fit. */
export function fits(predicate: RunPredicate, facets: RunFacets): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.of.every((one) => fits(one, facets));
    case 'or':
      return predicate.of.some((one) => fits(one, facets));
    case 'not':
      return !fits(predicate.of, facets);
    default:
      return answers(predicate, facets);
  }
}

function answers(atom: RunAtom, facets: RunFacets): boolean {
  if (atom.kind === 'words') return true;
  const values = valuesOf(facets, atom.field);
  switch (atom.kind) {
    case 'has':
      return values.length > 0;
    case 'in':
      return values.some((value) => atom.values.includes(value));
    case 'prefix':
      return values.some((value) => typeof value === 'string' && value.startsWith(atom.text));
    case 'compare': {
      const { is, value } = atom;
      // Of many, none is it; and there is one.
      if (is === '!=' && isManyField(atom.field)) return values.length > 0 && !values.includes(value);
      return values.some((own) => compares(own, is, value));
    }
  }
}

function compares(own: FilterValue, is: Comparison, value: FilterValue): boolean {
  if (is === '!=') return own !== value;
  if (typeof own !== typeof value) return false;
  switch (is) {
    case '==':
      return own === value;
    case '<':
      return own < value;
    case '<=':
      return own <= value;
    case '>':
      return own > value;
    case '>=':
      return own >= value;
  }
}
