import { fieldOf } from '@interlock/contracts';

type Data = Readonly<Record<string, unknown>>;

/** What tells an event from its neighbours, in one line; the whole is in `--json`. */
export function eventText(data: Data): string {
  const { step, tool, verdict, point, because, reason, to, approvalId, code, message } = data;
  const { outcome, failure, output, workflow, by } = data;
  const kind = fieldOf(outcome, 'kind');
  const before = fieldOf(data.from, 'version');
  const migrated = before === undefined ? undefined : `version ${before} to ${fieldOf(workflow, 'version')}`;
  const voter = data.vote === undefined ? undefined : `${text(fieldOf(by, 'sub'))} says ${text(data.vote)}`;
  const named = [
    migrated,
    step,
    tool,
    point,
    verdict,
    kind,
    voter,
    because,
    reason,
    code,
    message,
    to,
    approvalId,
  ]
    .flatMap((part) => (Array.isArray(part) ? part : [part]))
    .filter((part) => typeof part === 'string' && part !== '');
  const failed = failureText(failure ?? fieldOf(outcome, 'failure'));
  const rest = output ?? fieldOf(workflow, 'name');
  const said = failed ?? (rest === undefined ? undefined : JSON.stringify(rest));
  return [...named, ...(said === undefined ? [] : [said])].join(' · ');
}

/** As `run show` has it; a message that was left out is not there. */
function failureText(failure: unknown): string | undefined {
  const kind = fieldOf(failure, 'class');
  if (kind === undefined) return undefined;
  const message = text(fieldOf(failure, 'message'));
  return `${text(kind)}/${text(fieldOf(failure, 'code'))}${message === '' ? '' : `: ${message}`}`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
