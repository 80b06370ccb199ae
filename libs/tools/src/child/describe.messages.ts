/** Asks a child for what its module brings. `env`: names of the settings that the child has been given. */
export interface DescribeRequest {
  readonly env: readonly string[];
}

export type DescribeAnswer =
  | { readonly kind: 'ready' }
  /** It wants these settings and has others: to be asked again in a process that has them. */
  | { readonly kind: 'declares'; readonly env: unknown }
  | { readonly kind: 'brings'; readonly contents: unknown }
  | { readonly kind: 'failed'; readonly problem: string };
