import { fieldOf } from '@interlock/contracts';

type Data = Readonly<Record<string, unknown>>;

/** What tells an event from its neighbours, in one line; the whole is in `--json`. */
export function eventText(data: Data): string {
  const { step, tool, verdict, point, because, reason, to, approvalId, message } = data;
  const { outcome, failure, output, workflow, by } = data;
  const kind = fieldOf(outcome, 'kind');
  const before = fieldOf(data.from, 'version');
  const migrated = before === undefined ? undefined : `version ${before} to ${fieldOf(workflow, 'version')}`;
  const voter = data.vote === undefined ? undefined : `${text(fieldOf(by, 'sub'))} says ${text(data.vote)}`;
  const named = [migrated, step, tool, point, verdict, kind, voter, because, reason, message, to, approvalId]
    .flatMap((part) => (Array.isArray(part) ? part : [part]))
    .filter((part) => typeof part === 'string' && part !== '');
  const rest = failure ?? fieldOf(outcome, 'failure') ?? output ?? fieldOf(workflow, 'name');
  return [...named, ...(rest === undefined ? [] : [JSON.stringify(rest)])].join(' · ');
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
