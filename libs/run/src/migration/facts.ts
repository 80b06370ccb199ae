import type { JsonSchema } from '@interlock/schema';

/** What is known of artifacts, besides the two versions themselves. */
export interface Published {
  /** What a tool gives, by its hash: without `output`, anything. undefined: the tool is not known here. */
  tool(hash: string): { readonly output?: JsonSchema } | undefined;
  /** A published workflow by its hash. */
  workflow(hash: string): { readonly compiled?: unknown } | undefined;
}

/** What a step gives; without a schema, anything. */
export type GivenSchema = { readonly schema?: JsonSchema } | { readonly unknown: string };

export const givenBy = (tool: string, known: ReturnType<Published['tool']>): GivenSchema => {
  if (known === undefined) return { unknown: `what ${tool} gives there is not known here yet` };
  return known.output === undefined ? {} : { schema: known.output };
};

/** Why a run cannot go on as another version says: what is in the way, and what to do. */
export interface Obstacle {
  /** Of the step, or of the workflow: `needs`, `toolHash`, `budget.toolCalls`. */
  readonly field: string;
  readonly reason: string;
  readonly fix: string;
}

export const obstacle = (field: string, reason: string, fix: string): Obstacle => ({ field, reason, fix });
