import { runEvents, terminalEventTypes } from '@interlock/contracts';
import { type Path, parseInstant } from '@interlock/language';
import type { RunState } from '@interlock/run';
import { misfitOf } from '@interlock/schema';
import type { CaseFile, CaseOfRun } from '../case/case.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import type { Project } from '../project/project.js';
import { busOf } from './case.bus.js';
import { type CaseProblem, CaseStopped } from './case.problem.js';
import { CaseValues } from './case.values.js';
import { Family } from './family.js';
import { LogReader } from './log.reader.js';
import { Operators } from './operators.js';
import { msOf } from './outcomes.js';
import { type Played, pathIn, runOf } from './played.js';
import { Script } from './script.js';
import { ScriptedPlanner } from './scripted.planner.js';
import { ScriptedTools } from './scripted.tools.js';
import { ScriptedVerdicts } from './scripted.verdicts.js';
import { Voters } from './voters.js';

const STARTS_AT = Date.UTC(2026, 0, 1);
/** A run that decides more often than this in one case never ends. */
const DECISIONS_MAX = 200_000;

/** Plays one case with the cores of the services on a clock of its own, to the end of its run or as long as it says. */
export async function play(project: Project, file: CaseFile, index: number): Promise<Played> {
  const one = file.cases[index];
  if (one === undefined) throw new RangeError(`there is no case ${index}`);
  const at: Path = ['cases', index];
  const misfit = misfitOf(project.workflow.inputSchema, one.input);
  if (misfit !== undefined) return neverBegun([...at, 'input'], misfit.problems);
  return new Play(project, file, one, at).toItsEnd();
}

const neverBegun = (
  at: Path,
  problems: readonly { readonly path: string; readonly message: string }[],
): Played => ({
  path: [],
  calls: [],
  asked: [],
  events: [],
  tookMs: 0,
  problems: problems.map(({ path, message }) => ({
    path: at,
    message: `the workflow does not take it: ${path === '' ? '' : `${path}: `}${message}`,
  })),
});

class Play {
  readonly #values = new CaseValues();
  readonly #bus: CoreBus;
  readonly #tools: ScriptedTools;
  readonly #verdicts: ScriptedVerdicts | undefined;
  readonly #planner: ScriptedPlanner;
  readonly #voters: Voters;
  readonly #operators: Operators;
  readonly #family: Family;
  readonly #tooled;
  readonly #ruled;
  readonly #planned;
  readonly #startsAt: number;
  readonly #until: number;

  constructor(
    project: Project,
    file: CaseFile,
    one: CaseOfRun,
    private readonly at: Path,
  ) {
    this.#startsAt = (one.clock === undefined ? undefined : parseInstant(one.clock)) ?? STARTS_AT;
    this.#until = one.until === undefined ? Number.POSITIVE_INFINITY : this.#startsAt + msOf(one.until);
    this.#bus = busOf(project, one, this.#startsAt, this.#values);
    this.#tooled = new Script(
      { path: [...at, 'tools'], list: one.tools },
      { path: ['tools'], list: file.tools },
    );
    this.#ruled = new Script({ path: [...at, 'verdicts'], list: one.verdicts });
    this.#planned = new Script({ path: [...at, 'plans'], list: one.plans });
    const family = new Family(this.#bus);
    this.#family = family;
    this.#tools = new ScriptedTools(this.#bus, this.#tooled, project.artifacts, family, at, this.#values);
    this.#verdicts = project.hasPolicies ? undefined : new ScriptedVerdicts(this.#bus, this.#ruled, family);
    this.#planner = new ScriptedPlanner(this.#bus, this.#planned, at, family);
    this.#voters = new Voters(this.#bus, one.votes ?? [], at, family);
    this.#operators = new Operators(this.#bus, one, at, family);
  }

  async toItsEnd(): Promise<Played> {
    const stopped = await this.#play();
    const bus = this.#bus;
    const messages = new LogReader(bus, 'run.events').next();
    const events = messages
      .filter(({ meta }) => meta.run === bus.runId)
      .map(({ meta: { id, seq = 0, time }, ...event }) => ({ ...event, id, seq, time }));
    const end = events.findLast(({ type }) => terminalEventTypes.has(type));
    const run = runOf(bus.stateOf(runEvents.name) as RunState | undefined, this.#values);
    return {
      ...(run !== undefined && { run }),
      path: pathIn(messages, ({ meta }, step) => this.#family.pathOf(meta.run, step)),
      calls: [...this.#tools.made.values()],
      asked: this.#voters.asked,
      events,
      // Not until its orchestrator has forgotten how it could be taken up again.
      tookMs: (end?.time ?? bus.now) - this.#startsAt,
      problems: stopped === undefined ? this.#unfulfilled() : [stopped],
    };
  }

  /** Why the case could not be played to its end; undefined: it was. */
  async #play(): Promise<CaseProblem | undefined> {
    const bus = this.#bus;
    try {
      do {
        this.#family.hear();
        this.#verdicts?.hear();
        this.#tools.hear();
        this.#planner.hear();
        this.#voters.hear();
        this.#operators.hear();
        const [broken] = bus.refused;
        if (broken !== undefined) return { path: this.at, message: `a decision of the run broke: ${broken}` };
        if (bus.decisions > DECISIONS_MAX)
          return { path: this.at, message: `the run has decided ${DECISIONS_MAX} times and does not end` };
      } while (await bus.step(this.#until));
      return undefined;
    } catch (error) {
      if (!(error instanceof CaseStopped)) throw error;
      return { path: error.path, message: error.message };
    }
  }

  /** What the case says and what never came. */
  #unfulfilled(): CaseProblem[] {
    const unused = [...this.#tooled.entries, ...this.#ruled.entries, ...this.#planned.entries].filter(
      ({ uses, path }) => uses === 0 && path[0] === 'cases',
    );
    return [
      ...unused.map(({ path }) => ({ path, message: 'it was never used: nothing came that it fits' })),
      ...this.#voters.problems(),
      ...this.#operators.problems(),
    ];
  }
}
