import { fieldOf, plain } from '@interlock/contracts';
import { type Approval, isTerminal, type Run, type RunEvent } from '@interlock/contracts/http';
import { showAgents } from './agent.history.js';
import { agentsOf } from './agent.rounds.js';
import { movesOf } from './next.moves.js';
import { type Output, whole } from './output.js';
import { type StepHistory, shownSteps, stepRow, stepsOf } from './run.steps.js';
import { durationOf } from './run.view.js';
import { distanceText, instantText } from './time.text.js';

/** Or where it is, when it is too large for the log. */
function textOf({ runId }: Run, value: unknown, ref: Run['outputRef']): string | undefined {
  if (ref !== undefined) return `${ref.size} bytes: GET /v1/runs/${runId}/values/${ref.hash}`;
  return value === undefined ? undefined : JSON.stringify(value);
}

/** The run as one list of facts. */
export function showRun(run: Run, output: Output, nowMs: number): void {
  const { workflow, failure, usage } = run;
  output.facts([
    ['run', run.runId],
    ['workflow', `${workflow.name}@${workflow.version}`],
    ['status', run.status],
    ['success', run.success === undefined ? undefined : String(run.success)],
    ['input', textOf(run, run.input, run.inputRef)],
    ['output', textOf(run, run.output, run.outputRef)],
    ['failure', failure && `${failure.class}/${failure.code}: ${failure.message}`],
    ['at step', failure?.step],
    ['started', instantText(run.startedAt, nowMs)],
    [isTerminal(run.status) ? 'took' : 'goes on for', durationOf(run, nowMs)],
    [
      'usage',
      `${usage.steps} steps, ${usage.toolCalls} calls, $${usage.costUsd.toFixed(4)}, ${usage.tokens} tokens`,
    ],
    ['events', String(run.lastSeq)],
  ]);
}

/** The same, and what happened step by step, what was undone, what it waits for and what would move it. */
export function showRunHistory(
  run: Run,
  events: readonly RunEvent[],
  approvals: readonly Approval[],
  output: Output,
  nowMs: number,
): void {
  showRun(run, output, nowMs);
  showSteps(run.runId, stepsOf(events), output);
  showAgents(agentsOf(events), output);
  const ends = [...endLines(events), ...pauseLines(run, events)];
  if (ends.length > 0) output.line();
  for (const line of ends) output.line(output.coloured(line));
  showFamily(run, output);
  showWaits(run, output, nowMs);
  const moves = movesOf(run, approvals);
  if (moves.length > 0) output.line(`\n${output.style('dim', 'What to do next')}`);
  for (const { words, by } of moves)
    output.line(plain(`  ${output.next(words)}${by === undefined ? '' : `   # by ${by}`}`));
}

function showSteps(runId: string, steps: readonly StepHistory[], output: Output): void {
  if (steps.length === 0) return;
  const { shown, left } = shownSteps(steps);
  output.line();
  output.table([whole('step'), 'does', whole('state'), whole('took'), ''], shown.map(stepRow));
  if (left > 0)
    output.line(
      output.style('dim', `and ${left} steps of loops that are over: ${output.next(`run steps ${runId}`)}`),
    );
}

/** Who started it, and what it has started. */
function showFamily({ parent, children = [] }: Run, output: Output): void {
  if (parent !== undefined || children.length > 0) output.line();
  if (parent !== undefined) output.sentence(`started by run ${parent.runId} in step ${parent.step}`);
  for (const { runId, step } of children) output.sentence(`step ${step} has started run ${runId}`);
}

const turnText = (roles: readonly string[] | undefined): string =>
  roles === undefined ? '' : `, for ${roles.join(' or ')}`;

const levelText = (sla: Run['sla'], nowMs: number): string => {
  if (sla === undefined) return '';
  const due = instantText(sla.due, nowMs);
  return sla.breached ? ` (late: it was due ${due})` : ` (due ${due})`;
};

/** What it waits for, a line each. */
export function showWaits(run: Run, output: Output, nowMs: number): void {
  const waits = run.waitingFor ?? [];
  if (waits.length > 0) output.line();
  for (const { kind, step, since, until, detail, form, question, sla, roles } of waits) {
    const limit = until === undefined ? '' : `, until ${instantText(until, nowMs)}`;
    output.sentence(
      `waits for ${kind} at ${step} since ${distanceText(since, nowMs)}${limit}: ${detail}${turnText(roles)}${levelText(sla, nowMs)}`,
    );
    if (question !== undefined) output.sentence(`  question ${question.id} for ${question.to}`);
    if (form === undefined) continue;
    if (form.details !== undefined) output.sentence(`  with ${JSON.stringify(form.details)}`);
    output.sentence(`  the answer: ${JSON.stringify(form.schema)}`);
  }
}

interface Child {
  readonly step: string;
  readonly runId: string;
}

interface Write {
  readonly step: string;
  readonly tool: string;
}

/** What was or is being undone, and what stands. */
function endLines(events: readonly RunEvent[]): string[] {
  return events.flatMap(({ type, data }) => {
    switch (type) {
      case 'run.cancelling':
        return `cancelled by ${String(fieldOf(data.by, 'sub'))}: ${data.reason}`;
      case 'rollback.started':
        return `rollback, because the run ${data.because === 'failed' ? 'failed' : 'was cancelled'}: ${writesText(data.writes, data.children)}`;
      case 'run.undoing':
        return `it had completed, and undoes what it did: ${String(data.reason)}`;
      case 'run.rolled_back':
        return `everything it wrote is undone: ${writesText(data.undone, data.children)}`;
      case 'run.escalated':
        return isNothing(data.standing) && isNothing(data.children)
          ? []
          : `a person has to look: these writes are not undone: ${writesText(data.standing, data.children)}`;
      case 'run.reopened':
        return `taken up again from step ${data.from} by ${String(fieldOf(data.by, 'sub'))}: ${data.reason}`;
      case 'run.migrated':
        return `went on as version ${String(fieldOf(data.workflow, 'version'))}, from version ${String(fieldOf(data.from, 'version'))}, by ${String(fieldOf(data.by, 'sub'))}: ${data.reason}`;
      case 'run.closed':
        return `closed by ${String(fieldOf(data.by, 'sub'))}: ${data.reason}`;
      case 'values.erasing':
        return `its large values are erased, by order of ${String(fieldOf(data.by, 'sub'))}: ${data.reason}`;
      case 'values.erased':
        return `erased: ${String(data.values)} values, ${String(data.bytes)} bytes`;
      default:
        return [];
    }
  });
}

/** Who has paused the run that is paused, and why. */
function pauseLines({ status }: Run, events: readonly RunEvent[]): string[] {
  const paused = events.findLast(({ type }) => type === 'run.paused');
  if (status !== 'paused' || paused === undefined) return [];
  return [`paused by ${String(fieldOf(paused.data.by, 'sub'))}: ${paused.data.reason}`];
}

const isNothing = (list: unknown): boolean => !Array.isArray(list) || list.length === 0;

/** Calls, and children with all that they did. */
function writesText(writes: unknown, children: unknown): string {
  const calls = (writes as readonly Write[]).map(({ step, tool }) => `${step} (${tool})`);
  const runs = ((children ?? []) as readonly Child[]).map(({ step, runId }) => `${step} (run ${runId})`);
  return [...calls, ...runs].join(', ') || 'nothing';
}
