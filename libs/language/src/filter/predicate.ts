/** What a filter over runs asks of one run. */
export type RunPredicate =
  | { readonly kind: 'and' | 'or'; readonly of: readonly RunPredicate[] }
  | { readonly kind: 'not'; readonly of: RunPredicate }
  | RunAtom;

/** A question about one field. `at`: where it stands in the filter, from 1. */
export type RunAtom = { readonly at: number } & (
  | {
      readonly kind: 'compare';
      readonly field: RunField;
      readonly is: Comparison;
      readonly value: FilterValue;
    }
  | { readonly kind: 'in'; readonly field: RunField; readonly values: readonly FilterValue[] }
  | { readonly kind: 'prefix'; readonly field: RunField; readonly text: string }
  /** It has a value. */
  | { readonly kind: 'has'; readonly field: RunField }
  /** All of these words stand in it. */
  | { readonly kind: 'words'; readonly text: string }
);

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Of the fields `startedAt` and `endedAt` UTC ms; a timestamp of a search field as it is shown, ISO 8601. */
export type FilterValue = string | number | boolean;

/** `search.customer`: what a workflow declares. */
export type RunField = keyof typeof runFields | `search.${string}`;

type FieldType = 'text' | 'number' | 'boolean' | 'timestamp';

interface FieldKind {
  readonly type: FieldType;
  /** A run has any number of them; a comparison holds when it holds for one. */
  readonly isMany?: true;
}

/** What a filter can ask about. A run without the field fits no question about it. */
export const runFields = {
  runId: { type: 'text' },
  status: { type: 'text' },
  workflow: { type: 'text' },
  version: { type: 'number' },
  requester: { type: 'text' },
  success: { type: 'boolean' },
  startedAt: { type: 'timestamp' },
  endedAt: { type: 'timestamp' },
  'failure.class': { type: 'text' },
  'failure.code': { type: 'text' },
  'failure.step': { type: 'text' },
  tool: { type: 'text', isMany: true },
  approver: { type: 'text', isMany: true },
  waiting: { type: 'text', isMany: true },
} as const satisfies Readonly<Record<string, FieldKind>>;

/** Other ways to write a field: as a run shows it, and in the plural. */
export const fieldNames: ReadonlyMap<string, keyof typeof runFields> = new Map<
  string,
  keyof typeof runFields
>([
  ...(Object.keys(runFields) as (keyof typeof runFields)[]).map((name) => [name, name] as const),
  ['id', 'runId'],
  ['by', 'requester'],
  ['workflow.name', 'workflow'],
  ['workflow.version', 'version'],
  ['tools', 'tool'],
  ['approvers', 'approver'],
  ['approvedBy', 'approver'],
  ['waitingFor', 'waiting'],
]);

export const isSearchField = (field: RunField): field is `search.${string}` => field.startsWith('search.');

/** undefined: whatever the workflow has declared. */
export const typeOfField = (field: RunField): FieldType | undefined =>
  isSearchField(field) ? undefined : runFields[field].type;

export const isManyField = (field: RunField): boolean =>
  !isSearchField(field) && 'isMany' in runFields[field];

/** Every question that a predicate consists of. */
export function atomsOf(predicate: RunPredicate): RunAtom[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(atomsOf);
    case 'not':
      return atomsOf(predicate.of);
    default:
      return [predicate];
  }
}

/** Questions that all have to be met. */
export const conjunctsOf = (predicate: RunPredicate): readonly RunPredicate[] =>
  predicate.kind === 'and' ? predicate.of.flatMap(conjunctsOf) : [predicate];
