import type { Approval as ShownApproval } from '@interlock/contracts/http';
import { bearerOf, type Desk } from './identity.ts';

/** An approval of one of the example's calls. */
type Approval = ShownApproval & {
  readonly action?: { readonly arguments: { readonly amountCents?: number } };
};

/** Calls that wait for the same people. */
export interface Waiting {
  readonly count: number;
  /** `dual approval by finance: refunds.create` */
  readonly what: string;
  /** Of all their amounts. */
  readonly euros: number;
}

/** @throws when the server refuses the question */
export async function waitingFor(desk: Desk): Promise<Waiting[]> {
  const response = await fetch(`${desk.url}/v1/approvals?status=pending&limit=500`, {
    headers: { authorization: await bearerOf(desk) },
  });
  if (!response.ok) throw new Error(`the approvals could not be listed: ${await response.text()}`);
  const { items } = (await response.json()) as { items: readonly Approval[] };
  const kinds = Map.groupBy(
    items,
    ({ required, approvers, action }) =>
      `${required} approval by ${approvers.join(' or ')}: ${action?.tool ?? 'a question'}`,
  );
  return [...kinds].map(([what, group]) => ({ count: group.length, what, euros: sumOf(group) }));
}

const sumOf = (approvals: readonly Approval[]): number =>
  approvals.reduce((total, { action }) => total + (action?.arguments.amountCents ?? 0), 0) / 100;
