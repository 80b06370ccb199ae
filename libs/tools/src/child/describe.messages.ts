/** Asks for what the child's module brings; `names`: for the names of the settings it wants instead, if it wants any. */
export interface DescribeOrder {
  readonly first: 'names' | 'contents';
}

export type DescribeAnswer =
  | { readonly kind: 'ready' }
  /** It wants these settings: to be asked again in a process that has them. */
  | { readonly kind: 'declares'; readonly env: unknown }
  | { readonly kind: 'brings'; readonly contents: unknown }
  | { readonly kind: 'failed'; readonly problem: string };
