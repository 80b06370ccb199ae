import { hashOf, type RunEvent } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I20: a run that goes on as another version of its workflow says has done and does the same as before.
 *
 *   a  It comes from the version that it had, and each version follows on the one before.
 *   b  A step in whose name something was done is there, with the same kind; one that is under way is there as it was.
 *   c  Each of them is in the same status with the same output afterwards, and calls, requests, questions and writes are as many.
 *   d  From there on nothing is said of a step that the version does not have, but for what is undone or comes too late.
 */
export const migrationsHold: Invariant = ({ runs, states }) =>
  [...runs].flatMap(([run, events]) => {
    const check = new MigrationCheck(states.get(run) ?? []);
    for (const [at, event] of events.entries()) check.take(event, at);
    return check.problems.map((message): Violation => ({ invariant: 'I20', run, message }));
  });

type Migrated = Extract<RunEvent, { type: 'run.migrated' }>['data'];
/** What the state says of a step. */
interface Phase {
  readonly status: string;
  readonly output?: unknown;
}
type Step = RunState['origin']['compiled']['steps'][number];

const ofThePast: ReadonlySet<RunEvent['type']> = new Set([
  'verdict.recorded',
  'call.recorded',
  'call.late_recorded',
  'call.doubt_resolved',
  'call.recovery_started',
  'child.undo_requested',
  'child.undone',
  'step.compensated',
  'step.compensation_failed',
]);

/** With which something is done in the name of a step: one that only failed, or was skipped, may be as if it had never been once its run is taken up again. */
const begins: ReadonlySet<RunEvent['type']> = new Set([
  'call.requested',
  'wait.started',
  'form.opened',
  'approval.requested',
  'agent.started',
  'scope.started',
  'child.requested',
  'step.completed',
]);

const outermost = (path: string): string => path.split(/[/[#]/)[0] ?? '';

class MigrationCheck {
  readonly problems: string[] = [];
  #version: { readonly version: number; readonly hash: string } | undefined;
  #steps: ReadonlyMap<string, Step> = new Map();
  #wasMigrated = false;
  #isUndoing = false;
  /** Steps of the workflow itself. */
  #begun = new Set<string>();

  constructor(readonly states: readonly (RunState | undefined)[]) {}

  take(event: Logged<RunEvent>, at: number): undefined {
    switch (event.type) {
      case 'run.started':
        this.#version = event.data.workflow;
        this.#steps = stepsIn(event.data.compiled);
        return;
      case 'run.migrated':
        return this.#migrated(event.data, this.states[at - 1], this.states[at]);
      case 'rollback.started':
        this.#isUndoing = true;
        return;
      case 'run.reopened':
        this.#isUndoing = false;
        return;
      default:
        return this.#says(event);
    }
  }

  /** d */
  #says({ type, data }: Logged<RunEvent>): undefined {
    if (!('step' in data) || typeof data.step !== 'string' || ofThePast.has(type)) return;
    const step = outermost(data.step);
    if (begins.has(type)) this.#begun.add(step);
    if (this.#wasMigrated && !this.#isUndoing && !this.#steps.has(step))
      this.problems.push(`${type} names ${step}, which the version of the run does not have`);
  }

  #migrated(
    { from, workflow, compiled, map = {} }: Migrated,
    before: RunState | undefined,
    after: RunState | undefined,
  ): undefined {
    if (from.hash !== this.#version?.hash || from.version !== this.#version.version)
      this.problems.push(`it comes from version ${from.version}, and had ${this.#version?.version}`);
    const steps = stepsIn(compiled);
    for (const name of this.#begun) {
      const one = this.#steps.get(name);
      const other = steps.get(map[name] ?? name);
      if (one !== undefined) this.#kept(one, other, before, after);
    }
    for (const list of ['calls', 'requests', 'approvals', 'writes'] as const)
      if (before?.[list].size !== after?.[list].size) this.problems.push(`${list} are not as many as before`);
    this.#begun = new Set([...this.#begun].map((name) => map[name] ?? name));
    this.#version = workflow;
    this.#steps = steps;
    this.#wasMigrated = true;
  }

  /** b and c */
  #kept(
    one: Step,
    other: Step | undefined,
    before: RunState | undefined,
    after: RunState | undefined,
  ): undefined {
    if (other === undefined || other.kind !== one.kind) {
      this.problems.push(`${one.id} has begun, and the version has no such ${one.kind} step`);
      return;
    }
    const [was, is] = [phaseOf(before, one.id), phaseOf(after, other.id)];
    if (hashOf(was ?? null) !== hashOf(is ?? null))
      this.problems.push(`${one.id} was ${was?.status}, and is ${is?.status}, or gives something else`);
    const isUnderWay = was !== undefined && ['running', 'waiting', 'fell_back'].includes(was.status);
    if (isUnderWay && (one.id !== other.id || meaningOf(one) !== meaningOf(other)))
      this.problems.push(`${one.id} is ${was.status}, and another one in the version`);
  }
}

const stepsIn = (compiled: unknown): ReadonlyMap<string, Step> =>
  new Map(((compiled as RunState['origin']['compiled']).steps ?? []).map((step) => [step.id, step]));

/** What it does, wherever it stands. */
const meaningOf = ({ needs: _, onFailure: __, ...step }: Step): string =>
  JSON.stringify(step, (key, value) => (key === 'influencedBy' ? undefined : value));

const BITS = 4;

/** Read from the state as it is stored, apart from how the product reads it. */
function phaseOf(state: RunState | undefined, id: string): Phase | undefined {
  const place = state?.origin.compiled.steps.findIndex((step) => step.id === id) ?? -1;
  if (state === undefined || place < 0) return undefined;
  let node: unknown = state.steps.root;
  for (let level = state.steps.depth - 1; level >= 0; level -= 1)
    node = Array.isArray(node) ? node[(place >> (level * BITS)) & ((1 << BITS) - 1)] : undefined;
  return (node as { readonly at?: Phase } | null | undefined)?.at;
}
