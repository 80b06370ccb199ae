import { CloseRun, PauseRun, ResolveStep, ResumeRun, RetryStep, SkipStep } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import { oneOf } from './chosen.js';
import type { Gateway } from './gateway.js';
import type { RunWatcher } from './run-watcher.js';
import type { World } from './world.js';

const by = { sub: 'olga', roles: ['operator'] };
const ASK_AGAIN_MS = 4_000;

/** Those who answer truthfully when a run asks what has become of a call, and who hold runs back and let them go on. */
export class Operators {
  readonly #answered = new Map<string, number>();

  constructor(
    readonly world: World,
    readonly gateway: Gateway,
    readonly watcher: RunWatcher,
  ) {}

  pause(runId: string): void {
    this.gateway.send(PauseRun({ ...this.#envelope(runId), reason: 'something looks odd' }));
  }

  look(): void {
    for (const { runId, state } of this.watcher.runs.values())
      if (state.end === null) this.#consider(runId);
      else if (this.world.isFaulty) this.#lookAfter(runId, state);
  }

  /** Takes a run up again that has failed, now and then, or says that it was looked at. */
  #lookAfter(runId: string, { end, origin, seq }: RunState): void {
    if (end?.resumable !== true || !this.#isDue(`${runId} ended ${seq}`, 0.5)) return;
    const { random } = this.world;
    const { steps } = origin.compiled;
    const from = random() < 0.6 ? end.step : oneOf(random, steps).id;
    const envelope = { ...this.#envelope(runId), reason: 'it is worth another try' };
    if (end.status === 'escalated' && random() < 0.2) this.gateway.send(CloseRun(envelope));
    else if (random() < 0.7 && from !== undefined) this.gateway.send(ResumeRun({ ...envelope, from }));
  }

  #consider(runId: string): void {
    const run = this.watcher.describe(runId);
    if (run === undefined) return;
    const { waitingFor = [], status, paused } = run;
    if (paused !== undefined && this.#isDue(`${runId} ${status}`, 0.9)) this.#resume(runId);
    for (const { kind, step, since } of waitingFor)
      if (kind === 'operator' && this.#isDue(`${runId} ${step} ${since}`, 0.6)) {
        if (step === '') this.#resume(runId);
        else this.#answer(runId, step, status === 'rolling_back');
      }
  }

  /** @param reluctance chance that nothing is done about it this time, while there are faults */
  #isDue(question: string, reluctance: number): boolean {
    const { time, random, isFaulty } = this.world;
    const last = this.#answered.get(question);
    if (last !== undefined && time.now() < last + ASK_AGAIN_MS) return false;
    if (last === undefined && isFaulty && random() < reluctance) return false;
    this.#answered.set(question, time.now());
    return true;
  }

  #resume(runId: string): void {
    this.gateway.send(ResumeRun({ ...this.#envelope(runId), reason: 'it is fine' }));
  }

  /** Looks at the target and says what is true. What cannot be undone they soon let go. */
  #answer(runId: string, step: string, isUndoing: boolean): void {
    const { target, random } = this.world;
    const call = this.watcher.runs.get(runId)?.callOf.get(step);
    const happened = call !== undefined && target.has(call);
    if (random() < 0.5) {
      const said = happened ? { happened, output: target.outputOf(call) } : { happened };
      const answer = { ...this.#envelope(runId), reason: 'so says the target', step, ...said };
      this.gateway.send(ResolveStep(answer));
      // Of a call that is known to have failed nothing can be said: it is answered as before.
      if (happened || random() < 0.5) return;
    }
    const envelope = this.#envelope(runId);
    this.gateway.send(
      happened || random() < (isUndoing ? 0.8 : 0.3)
        ? SkipStep({ ...envelope, reason: 'it is done', step })
        : RetryStep({ ...envelope, reason: 'it did not happen', step }),
    );
  }

  #envelope(runId: string) {
    return { ...this.gateway.envelope(runId), by };
  }
}
