import { type WorkflowDocument, workflowDocument } from './document.schema.js';
import { walkSteps } from './document.walk.js';
import { isPlainObject } from './json-guard.js';
import { limits } from './limits.js';
import { type Parsed, parseSource } from './parse.js';
import { formatPath, type Locate, type Path, type Problem, problemList, type Report } from './problem.js';
import { reportIssues } from './schema.problems.js';
import { type StepKind, stepKinds } from './step/index.js';

export type ReadDocument =
  | { readonly ok: true; readonly document: WorkflowDocument; readonly locate: Locate }
  | { readonly ok: false; readonly problems: Problem[] };

/** Text or object to a document of the right shape. Nothing has been looked up or evaluated yet. */
export function readDocument(source: unknown): ReadDocument {
  const parsed: Parsed = parseSource(source);
  if (!parsed.ok) return parsed;
  const { value, locate } = parsed;
  const { report, problems } = problemList(locate, limits.problemsMax);
  if (!isPlainObject(value)) {
    report([], 'a workflow document is an object with workflow, version, purpose, input and steps');
    return { ok: false, problems };
  }
  const refused = checkSteps(value.steps, report);
  const checked = workflowDocument.safeParse(value);
  if (!checked.success) {
    const quietBelow: Report = (path, message) => {
      if (!isBelow(path, refused)) report(path, message);
    };
    reportIssues(checked.error.issues, value, quietBelow, alternativeOf);
  }
  return problems.length > 0 || !checked.success
    ? { ok: false, problems }
    : { ok: true, document: checked.data, locate };
}

/** Reports what makes a step invalid in this version, and returns those steps: their details are not checked further. */
function checkSteps(steps: unknown, report: Report): ReadonlySet<string> {
  const refused = new Set<string>();
  if (!isPlainObject(steps)) return refused;
  if (Object.keys(steps).length === 0) report(['steps'], 'a workflow needs at least one step');
  let [count, agents, children] = [0, 0, 0];
  walkSteps(steps, (step, at) => {
    count += 1;
    if (!isPlainObject(step)) return;
    if (step.agent !== undefined) agents += 1;
    if (step.workflow !== undefined) children += 1;
    const message = refusal(String(at.at(-1)), step);
    if (message === undefined) return;
    report(at, message);
    refused.add(formatPath(at));
  });
  if (count > limits.stepsMax) report(['steps'], `more than ${limits.stepsMax} steps`);
  if (agents > limits.agentStepsMax) report(['steps'], `more than ${limits.agentStepsMax} agent steps`);
  if (children > limits.childStepsMax)
    report(['steps'], `more than ${limits.childStepsMax} steps that start a workflow`);
  return refused;
}

function refusal(id: string, step: Readonly<Record<string, unknown>>): string | undefined {
  const kinds = kindsOf(step);
  if (kinds.length === 0) return `step "${id}" needs one of ${stepKinds.join(', ')}`;
  if (kinds.length > 1) return `step "${id}" is of one kind only, not both ${kinds.join(' and ')}`;
  return undefined;
}

const kindsOf = (step: Readonly<Record<string, unknown>>): StepKind[] =>
  stepKinds.filter((kind) => step[kind] !== undefined);

const isBelow = (path: Path, refused: ReadonlySet<string>): boolean =>
  refused.size > 0 && path.some((_, length) => refused.has(formatPath(path.slice(0, length + 1))));

/** For a step: the alternative of its kind. For others, such as a wait: the one that comes closest. */
function alternativeOf(path: Path, value: unknown): number | undefined {
  if (!isPlainObject(value)) return undefined;
  if (path.at(-2) === 'steps') {
    const [kind] = kindsOf(value);
    return kind === undefined ? undefined : stepKinds.indexOf(kind);
  }
  return undefined;
}
