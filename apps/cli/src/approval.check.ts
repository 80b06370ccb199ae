import { callHashOf, fieldOf, hashedCallOf, hashOf, questionHashOf } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import type { NamedArtifact } from '@interlock/language';

/** What is shown, and the hash that a vote on it names. The hash is computed here; the server's own is not trusted. */
export type Checked =
  | { readonly kind: 'sound'; readonly callHash: string }
  | { readonly kind: 'false'; readonly because: string };

/**
 * A vote is for what is shown, so the hash is computed from that: run, step, arguments, and the tool by its manifest. If a server shows a
 * call that people are not asked about, the hash differs too, and the vote is refused.
 */
export function checkShown(approval: Approval, tools: readonly NamedArtifact[]): Checked {
  const { approvalId, runId, callHash } = approval;
  if (!approvalId.startsWith(`${runId}.`)) return wrong(`it is not an approval of run ${runId}`);
  const seen = approval.action === undefined ? hashOfQuestion(approval) : hashOfCall(approval);
  if (seen === undefined) return wrong('the server does not say what the call hash covers');
  if (seen !== callHash || (approval.action?.callHash ?? seen) !== seen)
    return wrong(`what is shown has the hash ${seen}, not ${callHash}`);
  const otherTool = approval.action && otherToolIn(approval.action, tools);
  return otherTool === undefined ? { kind: 'sound', callHash: seen } : wrong(otherTool);
}

const wrong = (because: string): Checked => ({ kind: 'false', because });

function hashOfCall({ runId, step, action }: Approval): string | undefined {
  if (action?.hashed === undefined) return undefined;
  return callHashOf(hashedCallOf(runId, { ...action.hashed, step, arguments: action.arguments }));
}

function hashOfQuestion({
  runId,
  step: path,
  question,
  details = null,
  hashed,
}: Approval): string | undefined {
  if (question === undefined || hashed === undefined) return undefined;
  const { generation, salt } = hashed;
  return questionHashOf({ runId, path, generation, salt, question, details });
}

function otherToolIn(
  { tool, hashed }: NonNullable<Approval['action']>,
  tools: readonly NamedArtifact[],
): string | undefined {
  const meant = tools.find(({ document }) => hashOf(document) === hashed.toolHash);
  if (meant === undefined) return `no published tool has the hash that the call names for ${tool}`;
  const name = fieldOf(meant.document, 'name');
  return name === tool ? undefined : `the call is one of ${String(name)}, and ${tool} is shown`;
}
