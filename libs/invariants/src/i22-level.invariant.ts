import { type RunEvent, stepNameOf, terminalEventTypes } from '@interlock/contracts';
import { stepsOfCompiled } from './compiled.steps.js';
import type { Logged } from './reading.js';
import { renameAll } from './renamed.js';
import { pathsIn } from './turn.path.js';
import type { Invariant, Violation } from './view.js';

/**
 * I22: what is late is said, once each time that it has begun, not before it is late, and with what its workflow wants done about it.
 */
export const lateIsSaid: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => {
    const levels = new Levels();
    for (const event of events) levels.take(event);
    return levels.problems.map((message): Violation => ({ invariant: 'I22', run, message }));
  });

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>['data'];
type Started = DataOf<'run.started'>;

interface Level {
  readonly withinMs: number;
  readonly onBreach?: string;
}

/** Of the run as a whole. */
interface RunLevel {
  readonly completeMs?: number;
  readonly onBreach?: string;
}

/** A step that has begun. */
interface Begun {
  readonly at: number;
  said: boolean;
}

const WHOLE = 'complete';
const begins: ReadonlySet<string> = new Set([
  'call.requested',
  'wait.started',
  'scope.started',
  'child.awaited',
  'child.requested',
  'approval.requested',
  'agent.started',
  'form.opened',
]);
const ends: ReadonlySet<string> = new Set(['step.completed', 'step.failed', 'step.skipped']);

class Levels {
  readonly problems: string[] = [];
  #steps: ReturnType<typeof stepsOfCompiled> = new Map();
  #run: RunLevel = {};
  readonly #begun = new Map<string, Begun>();
  #startedAt = 0;
  #isRunSaid = false;
  #isTakenUp = false;

  take(event: Logged<RunEvent>): undefined {
    const { type, data, meta } = event;
    if (type === 'run.started') return this.#started(data, meta.time);
    if (type === 'run.migrated') return this.#migrated(data);
    if (type === 'run.reopened') return this.#anew();
    if (type === 'sla.breached') return this.#breached(data, meta.time);
    if (terminalEventTypes.has(type)) return this.#over(WHOLE);
    const step = 'step' in data && typeof data.step === 'string' ? data.step : undefined;
    if (step === undefined) return;
    if (type === 'scope.opened') this.#forget(data);
    if (ends.has(type)) this.#over(step);
    else if (begins.has(type) && !this.#begun.has(step))
      this.#begun.set(step, { at: meta.time, said: false });
  }

  #started({ compiled }: Started, at: number): undefined {
    this.#levelsOf(compiled);
    this.#startedAt = at;
  }

  #levelsOf(compiled: unknown): void {
    this.#steps = stepsOfCompiled(compiled);
    this.#run = (compiled as { readonly sla?: RunLevel } | undefined)?.sla ?? {};
  }

  /** What has begun is late when its new version says so, counted from when it began. */
  #migrated({ compiled, map }: DataOf<'run.migrated'>): undefined {
    this.#levelsOf(compiled);
    renameAll(this.#begun, map);
  }

  /** What begins anew after the end has its time once more. */
  #anew(): undefined {
    this.#isTakenUp = true;
    this.#begun.clear();
  }

  #forget(opened: DataOf<'scope.opened'>): undefined {
    const turn = pathsIn(opened);
    for (const path of this.#begun.keys()) if (path.startsWith(turn)) this.#begun.delete(path);
  }

  #over(step: string): undefined {
    this.#begun.delete(step);
  }

  #breached({ step, due, by, action }: DataOf<'sla.breached'>, at: number): undefined {
    const about = step ?? 'the run';
    if (at < due) this.#say(`${about} is said to be late at ${at}, and is due at ${due}`);
    if (due + by !== at) this.#say(`${about} is said to be late by ${by}, and is late by ${at - due}`);
    return step === undefined ? this.#runBreached(due, action) : this.#stepBreached(step, due, action);
  }

  #runBreached(due: number, action: string): undefined {
    const { completeMs, onBreach = 'notify' } = this.#run;
    if (completeMs === undefined) return this.#say('the run is said to be late, and has no service level');
    if (this.#isRunSaid) this.#say('the run is said to be late twice');
    this.#isRunSaid = true;
    if (due !== this.#startedAt + completeMs) this.#say('the run is due at another time than is said');
    // Whoever took it up again knows of it.
    const wanted = this.#isTakenUp ? 'notify' : onBreach;
    if (action !== wanted) this.#say(`the run is late, and ${action} follows instead of ${wanted}`);
  }

  #stepBreached(step: string, due: number, action: string): undefined {
    const level: Level | undefined = this.#steps.get(stepNameOf(step))?.sla;
    const begun = this.#begun.get(step);
    if (level === undefined) return this.#say(`${step} is said to be late, and has no service level`);
    if (begun === undefined) return this.#say(`${step} is said to be late, and has not begun`);
    if (begun.said) this.#say(`${step} is said to be late twice`);
    begun.said = true;
    if (due !== begun.at + level.withinMs) this.#say(`${step} is due at another time than is said`);
    const wanted = level.onBreach ?? this.#run.onBreach ?? 'notify';
    if (action !== wanted) this.#say(`${step} is late, and ${action} follows instead of ${wanted}`);
  }

  #say(problem: string): undefined {
    this.problems.push(problem);
  }
}
