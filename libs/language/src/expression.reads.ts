import { type SyntaxNode, stepChains } from './cel.ast.js';
import { compileExpression, type Expression } from './expression.js';
import { holdsExpression, parseTemplate } from './template.js';

/** A part of what a step has come to: `['output', 'amount']`, `['status']`. */
export interface StepRead {
  readonly step: string;
  readonly path: readonly string[];
}

/** What an expression or template takes of steps. */
export interface Reads {
  readonly of: readonly StepRead[];
  /** It takes them in a way that names none: all of them count. */
  readonly all: boolean;
}

export const noReads: Reads = { of: [], all: false };

export const readsIn = (...parts: readonly Reads[]): Reads => ({
  of: parts.flatMap(({ of }) => of),
  all: parts.some(({ all }) => all),
});

export const readsOfExpression = (text: string): Reads => readsOf(compileExpression(text));

/** Of every expression in a template. */
export const readsOfTemplate = (template: unknown): Reads => readsIn(...expressionsIn(template).map(readsOf));

/** Values that a template shows as they are: expressions that are a step's value and nothing else. */
export function shownBy(template: unknown): readonly StepRead[] {
  return expressionsIn(template).flatMap(({ syntax }) => {
    const { chains } = stepChains(syntax);
    return chains.filter(({ whole, node }) => whole && node === syntax).map(readOf);
  });
}

/** Whether everything under `read` stands under one of `shown`. */
export const isShown = (read: StepRead, shown: readonly StepRead[]): boolean =>
  shown.some(({ step, path }) => step === read.step && path.every((name, at) => read.path[at] === name));

type Chain = ReturnType<typeof stepChains>['chains'][number];

const readOf = ({ id, path }: Chain): StepRead => ({ step: id, path });

function readsOf({ syntax }: { readonly syntax: SyntaxNode }): Reads {
  const { chains, others } = stepChains(syntax);
  return { of: chains.map(readOf), all: others };
}

function expressionsIn(template: unknown): readonly Expression[] {
  if (typeof template === 'string') {
    if (!holdsExpression(template)) return [];
    return parseTemplate(template).filter((part) => typeof part !== 'string');
  }
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(expressionsIn);
}
