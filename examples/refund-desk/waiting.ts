import type { Approval as ShownApproval } from '@interlock/contracts/http';
import { bearerOf, type Desk, interlock } from './identity.ts';

/** An approval of one of the example's calls. */
type Approval = ShownApproval & {
  readonly action?: { readonly arguments: { readonly amountCents?: number } };
};

/** Invented people, so that the commands can be typed as they are. */
const people = ['lena', 'fred'];

/** What waits for whom, and the commands that approve the first request of each kind. Empty when nothing waits. */
export async function waitingFor(desk: Desk): Promise<string> {
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
  if (kinds.size === 0) return '';
  const lines = [...kinds].map(
    ([kind, group]) => `${String(group.length).padStart(4)}  ${kind}${sumOf(group)}`,
  );
  const commands = [...kinds.values()].flatMap(([first]) =>
    first === undefined ? [] : commandsOf(desk.url, first),
  );
  return ['', 'Waits for people:', ...lines, '', 'Approve the first of each:', ...commands, ''].join('\n');
}

function sumOf(approvals: readonly Approval[]): string {
  const cents = approvals.map(({ action }) => action?.arguments.amountCents ?? 0);
  const sum = cents.reduce((total, amount) => total + amount, 0);
  return sum === 0 ? '' : `, ${(sum / 100).toFixed(2)} EUR in all`;
}

const commandsOf = (url: string, { approvalId, required, approvers }: Approval): string[] =>
  people
    .slice(0, required === 'dual' ? 2 : 1)
    .map(
      (person) =>
        `  ${interlock} approvals approve ${approvalId} --reason "as the order says" --url ${url} --token "$(${tokenCommand(person, approvers[0] ?? '')})"`,
    );

const tokenCommand = (person: string, role: string): string =>
  `${interlock} token --sub ${person} --role ${role}`;
