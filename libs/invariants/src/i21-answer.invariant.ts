import { type RunEvent, stepNameOf } from '@interlock/contracts';
import { stepsOfCompiled } from './compiled.steps.js';
import type { Logged } from './reading.js';
import { renameAll } from './renamed.js';
import type { Invariant, Violation } from './view.js';

/**
 * I21: people are taken at their word where they were asked, and nowhere else.
 *
 *   a  A form is answered once each time that it is opened, before its end, by one of its roles, with what its schema wants.
 *   b  A question of a model is answered once, before its end, by whom it is for or by an operator; that nobody has answered is said after
 *      its end alone.
 */
export const answeredAsAsked: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => {
    const asked = new Asked();
    for (const event of events) asked.take(event);
    return asked.problems.map((message): Violation => ({ invariant: 'I21', run, message }));
  });

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>['data'];

class Asked {
  readonly problems: string[] = [];
  #steps: ReturnType<typeof stepsOfCompiled> = new Map();
  readonly #forms = new Map<string, DataOf<'form.opened'>>();
  readonly #questions = new Map<string, DataOf<'question.asked'>>();

  take({ type, data, meta }: Logged<RunEvent>): undefined {
    switch (type) {
      case 'run.started':
        this.#steps = stepsOfCompiled(data.compiled);
        return;
      case 'run.migrated':
        this.#steps = stepsOfCompiled(data.compiled);
        return renameAll(this.#forms, data.map);
      case 'form.opened':
        this.#forms.set(data.step, data);
        return;
      case 'form.answered':
        return this.#answered(data, meta.time);
      case 'question.asked':
        this.#questions.set(meta.id, data);
        return;
      case 'question.answered':
        return this.#replied(data, meta.time);
      case 'question.unanswered':
        return this.#unanswered(data, meta.time);
      default:
    }
  }

  /** a */
  #answered({ step, by, value }: DataOf<'form.answered'>, at: number): undefined {
    const open = this.#forms.get(step);
    this.#forms.delete(step);
    if (open === undefined) return this.#say(`the form of ${step} is answered, and is not open`);
    if (at >= open.until) this.#say(`the form of ${step} is answered after its end`);
    if (!open.roles.some((role) => by.roles.includes(role)))
      this.#say(`the form of ${step} is answered by ${by.sub}, who has none of ${open.roles}`);
    const definition = this.#steps.get(stepNameOf(step));
    if (definition?.kind === 'form' && !fits(definition.form.schema, value))
      this.#say(`the form of ${step} is answered with what its schema does not want`);
  }

  /** b */
  #replied({ questionId, by, trigger }: DataOf<'question.answered'>, at: number): undefined {
    const open = this.#questions.get(questionId);
    this.#questions.delete(questionId);
    if (open === undefined) return this.#say(`question ${questionId} is answered, and is not open`);
    if (at >= open.until) this.#say(`question ${questionId} is answered after its end`);
    if (trigger === undefined && by.sub !== open.to && !by.roles.includes('operator'))
      this.#say(`question ${questionId} is for ${open.to}, and ${by.sub} has answered it`);
  }

  #unanswered({ questionId }: DataOf<'question.unanswered'>, at: number): undefined {
    const open = this.#questions.get(questionId);
    this.#questions.delete(questionId);
    if (open === undefined) return this.#say(`question ${questionId} is given up, and is not open`);
    if (at < open.until) this.#say(`question ${questionId} is given up before its end`);
  }

  #say(problem: string): undefined {
    this.problems.push(problem);
  }
}

/** As much of JSON Schema as drawn forms use, apart from the library that the product asks. What it does not know it lets pass. */
function fits(schema: unknown, value: unknown): boolean {
  const { type, minimum, required, properties, additionalProperties, enum: some } = schema as Schema;
  if (some !== undefined) return some.includes(value);
  if (type === 'integer')
    return typeof value === 'number' && Number.isInteger(value) && value >= (minimum ?? -Infinity);
  if (type === 'string') return typeof value === 'string';
  if (type !== 'object') return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const known = properties ?? {};
  return (
    (required ?? []).every((name) => name in value) &&
    Object.entries(value).every(([name, one]) =>
      Object.hasOwn(known, name) ? fits(known[name], one) : additionalProperties !== false,
    )
  );
}

interface Schema {
  readonly type?: string;
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
  readonly enum?: readonly unknown[];
}
