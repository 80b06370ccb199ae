import type { Asked } from '../models/asked.ts';
import type { Script } from '../models/model.server.ts';
import { type Call, calls, output, type Reply } from '../models/reply.ts';

/** What a model does about one request: a call a round, then the output. */
export interface Course {
  readonly calls: readonly Call[];
  readonly outcome: 'resolved' | 'transferred';
}

/** What the output says, so that the rules' own is not taken for it. */
export const summaryOf = (calls: number): string => `${calls} calls were made`;

/** A model that does what is written for each request, whatever becomes of it. */
export class ScriptedModel {
  readonly #courses = new Map<string, Course>();

  set(requestId: string, course: Course): void {
    this.#courses.set(requestId, course);
  }

  readonly script: Script = (asked) => this.#next(asked);

  #next({ facts, observed }: Asked): Reply {
    const { requestId = '' } = (facts ?? {}) as { requestId?: string };
    const course = this.#courses.get(requestId);
    if (course === undefined) return { kind: 'error', status: 400, error: { message: `no ${requestId}` } };
    const next = course.calls[observed.length];
    if (next !== undefined) return calls([next], { reasoning: `call ${observed.length + 1}` });
    return output({ outcome: course.outcome, summary: summaryOf(observed.length) });
  }
}
