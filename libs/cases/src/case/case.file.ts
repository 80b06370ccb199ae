import {
  type ChooseAlternative,
  formatPath,
  type Locate,
  type Path,
  type Problem,
  parseSource,
  problemList,
  reportIssues,
} from '@interlock/language';
import { type CaseFile, caseFile } from './case.schema.js';

const PROBLEMS_MAX = 100;

export type ReadCases =
  | { readonly ok: true; readonly file: CaseFile; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Cases from YAML or JSON text. A case that asserts nothing is refused: it could not fail. */
export function readCases(text: string): ReadCases {
  const parsed = parseSource(text);
  if (!parsed.ok) return parsed;
  const { value, locate } = parsed;
  const { report, problems } = problemList(locate, PROBLEMS_MAX);
  const checked = caseFile.safeParse(value);
  if (!checked.success) {
    reportIssues(checked.error.issues, value, report, alternativeOf);
    return { ok: false, problems };
  }
  const file = checked.data;
  const seen = new Set<string>();
  for (const [index, { name, expect, verdicts, model, plans }] of file.cases.entries()) {
    const at: Path = ['cases', index];
    if (seen.has(name)) report([...at, 'name'], `another case has the name "${name}"`);
    seen.add(name);
    if (Object.values(expect).every((field) => field === undefined))
      report([...at, 'expect'], 'the case asserts nothing: say what is expected, for example its status');
    if (verdicts !== undefined && file.policies !== undefined)
      report([...at, 'verdicts'], 'policies answer in this file: leave out either verdicts or policies');
    if (plans !== undefined && model === undefined)
      report([...at, 'plans'], 'no model plans in this case: say model: { level: assisted }');
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, file, locate };
}

/** The alternative of a union that an object was meant to be, by the field that only it has. */
const alternatives: readonly { readonly list: RegExp; readonly fields: readonly string[] }[] = [
  { list: /(^|\.)tools\[\d+\]$/, fields: ['output', 'failure', 'unknown', 'refused'] },
  { list: /\.tools\[\d+\]\.late$/, fields: ['output', 'failure'] },
  { list: /\.verdicts\[\d+\]$/, fields: ['deny', 'approval', 'redact'] },
  { list: /\.plans\[\d+\]$/, fields: ['question', 'calls', 'output', 'failure'] },
  { list: /\.commands\[\d+\]$/, fields: ['cancel', 'pause', 'resume', 'retry', 'skip', 'resolve'] },
];

const alternativeOf: ChooseAlternative = (path, value) => {
  if (typeof value !== 'object' || value === null) return undefined;
  const at = formatPath(path);
  const { fields } = alternatives.find(({ list }) => list.test(at)) ?? { fields: [] };
  const meant = fields.findIndex((field) => field in value);
  return meant === -1 ? undefined : meant;
};
