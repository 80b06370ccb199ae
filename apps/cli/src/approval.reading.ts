import type { Approval } from '@interlock/contracts/http';
import { type Checked, checkShown } from './approval.check.js';
import type { Client } from './client.js';
import { readArtifacts } from './published.artifacts.js';

/** Advice for an approval whose hash does not match what is shown. */
export const FALSE = [
  'Do not vote on this: the server does not show what people are asked about.',
  'Its read model or the server itself may have been tampered with: tell whoever runs it.',
].join('\n');

/** An approval as the server shows it, and whether a vote would be for what is shown. */
export async function readChecked(
  client: Client,
  approvalId: string,
): Promise<{ readonly approval: Approval; readonly checked: Checked }> {
  const { body: approval } = await client.get<Approval>(`/v1/approvals/${encodeURIComponent(approvalId)}`);
  const tools = approval.action === undefined ? [] : await readArtifacts(client, 'tool');
  return { approval, checked: checkShown(approval, tools) };
}
