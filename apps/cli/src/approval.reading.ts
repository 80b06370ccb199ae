import type { Approval } from '@interlock/contracts/http';
import { type Checked, checkShown } from './approval.check.js';
import type { Client } from './client.js';
import { readArtifacts } from './published.artifacts.js';

/** What to do about an approval whose hash is not that of what is shown. */
export const FALSE = [
  'Do not vote on this: the server shows something else than people are asked about.',
  'Its read model or the server itself may have been tampered with: tell whoever runs it.',
].join('\n');

/** An approval as the server shows it, and whether what it shows is what a vote would be for. */
export async function readChecked(
  client: Client,
  approvalId: string,
): Promise<{ readonly approval: Approval; readonly checked: Checked }> {
  const { body: approval } = await client.get<Approval>(`/v1/approvals/${encodeURIComponent(approvalId)}`);
  const tools = approval.action === undefined ? [] : await readArtifacts(client, 'tool');
  return { approval, checked: checkShown(approval, tools) };
}
