import { errorText } from '@interlock/contracts';
import type { ProblemDetail, PublishAnswer } from '@interlock/contracts/http';
import { type Client, RefusedError } from './client.js';
import type { Planned } from './module.plan.js';

/** What became of one artifact. */
export interface Outcome {
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  readonly outcome: 'published' | 'unchanged' | 'would_be_published';
  readonly hash?: string;
}

/** How far a publication came, and what ended it. */
export interface Publication {
  readonly done: readonly Outcome[];
  readonly stopped?: { readonly at: Planned; readonly by: unknown };
}

export const titleOf = ({ kind, name, version }: Pick<Outcome, 'kind' | 'name' | 'version'>): string =>
  `${kind} ${name}@${version}`;

/** Publishes what is new, one after the other, up to the first failure. */
export async function publish(
  client: Client,
  plan: readonly Planned[],
  tell: (line: string) => void,
): Promise<Publication> {
  const done: Outcome[] = [];
  for (const planned of plan) {
    const { kind, name, version, document } = planned;
    if (planned.standing === 'unchanged') {
      done.push(outcomeOf(planned));
      tell(`${titleOf(planned)} is published already, unchanged`);
      continue;
    }
    try {
      const { body } = await client.command<PublishAnswer>('/v1/artifacts', {
        kind,
        name,
        version,
        document,
      });
      done.push({ kind, name, version, outcome: 'published', hash: body.hash });
      tell(`${titleOf(planned)} is published`);
    } catch (by) {
      return { done, stopped: { at: planned, by } };
    }
  }
  return { done };
}

/** What a publication would do. */
export function outcomeOf(planned: Planned): Outcome {
  const { kind, name, version } = planned;
  return planned.standing === 'unchanged'
    ? { kind, name, version, outcome: 'unchanged', hash: planned.hash }
    : { kind, name, version, outcome: 'would_be_published' };
}

export function problemsOf(error: unknown): readonly ProblemDetail[] {
  const errors = error instanceof RefusedError ? (error.problem.errors ?? []) : [];
  return errors.length > 0 ? errors : [{ path: '', message: errorText(error) }];
}
