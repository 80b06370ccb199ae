/** Asks for what the module in `file` brings. Without `env`: for the names it declares, if it declares any. */
export interface DescribeOrder {
  readonly file: string;
  readonly env?: readonly string[];
}

export type DescribeAnswer =
  | { readonly kind: 'ready' }
  /** It wants these settings: to be asked again in a process that has them. */
  | { readonly kind: 'declares'; readonly env: unknown }
  | { readonly kind: 'brings'; readonly contents: unknown }
  | { readonly kind: 'failed'; readonly problem: string };
