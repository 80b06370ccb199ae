import type { Run } from '@interlock/contracts/http';
import type { FilterValue, RunField } from '@interlock/language';
import type { RunFacts } from './run.facts.js';

/** What a run is found by, stored beside its row. */
export interface RunFacets extends RunFacts {
  readonly runId: string;
  /** Absent: it has no parent. */
  readonly rootRunId?: string;
  readonly status: string;
  readonly workflow: string;
  readonly version: number;
  readonly requester: string;
  readonly success?: boolean;
  /** UTC ms. */
  readonly started: number;
  readonly ended?: number;
  readonly failure?: { readonly class: string; readonly code: string; readonly step?: string };
  /** Kinds of what it waits for. */
  readonly waiting: readonly string[];
  readonly search: Readonly<Record<string, FilterValue>>;
}

export function facetsOf(run: Run, { tools, approvers }: RunFacts): RunFacets {
  const { failure, success, endedAt } = run;
  return {
    runId: run.runId,
    ...(run.rootRunId !== run.runId && { rootRunId: run.rootRunId }),
    status: run.status,
    workflow: run.workflow.name,
    version: run.workflow.version,
    requester: run.by,
    ...(success !== undefined && { success }),
    started: Date.parse(run.startedAt),
    ...(endedAt !== undefined && { ended: Date.parse(endedAt) }),
    ...(failure && { failure: { class: failure.class, code: failure.code, ...stepOf(failure) } }),
    waiting: [...new Set((run.waitingFor ?? []).map(({ kind }) => kind))],
    search: run.search ?? {},
    tools,
    approvers,
  };
}

const stepOf = ({ step }: { readonly step?: string }) => (step === undefined ? {} : { step });

/** The values of a field; none: the run has not got it. */
export function valuesOf(facets: RunFacets, field: RunField): readonly FilterValue[] {
  switch (field) {
    case 'runId':
      return [facets.runId];
    case 'status':
      return [facets.status];
    case 'workflow':
      return [facets.workflow];
    case 'version':
      return [facets.version];
    case 'requester':
      return [facets.requester];
    case 'success':
      return some(facets.success);
    case 'startedAt':
      return [facets.started];
    case 'endedAt':
      return some(facets.ended);
    case 'failure.class':
      return some(facets.failure?.class);
    case 'failure.code':
      return some(facets.failure?.code);
    case 'failure.step':
      return some(facets.failure?.step);
    case 'tool':
      return facets.tools;
    case 'approver':
      return facets.approvers;
    case 'waiting':
      return facets.waiting;
    default:
      return some(ownValue(facets.search, field.slice('search.'.length)));
  }
}

const some = (value: FilterValue | undefined): readonly FilterValue[] => (value === undefined ? [] : [value]);
const ownValue = (values: RunFacets['search'], name: string): FilterValue | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

/** Fields that have an index; the others are looked up in the runs that an index finds. */
const indexed = [
  'status',
  'workflow',
  'version',
  'requester',
  'failure.class',
  'failure.code',
  'tool',
  'approver',
  'waiting',
] as const satisfies readonly RunField[];
const indexedNames: ReadonlySet<string> = new Set(indexed);

export const isIndexed = (field: RunField): boolean => indexedNames.has(field) || field.startsWith('search.');

/** A row of the index: a name and a value. Values of one name have an order of their own, numbers and texts apart. */
export type FacetRow = readonly [name: string, value: string | number];

export function facetRows(facets: RunFacets): FacetRow[] {
  const declared = Object.keys(facets.search).map((name): RunField => `search.${name}`);
  return [...indexed, ...declared].flatMap((field) =>
    [...new Set(valuesOf(facets, field))].map((value) => facetRow(field, value)),
  );
}

/** True and false have a name of their own: nothing else is like them. */
export const facetRow = (field: RunField, value: FilterValue): FacetRow =>
  typeof value === 'boolean' ? [`${field}!`, String(value)] : [field, value];
