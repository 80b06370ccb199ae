import { isDeepStrictEqual } from 'node:util';
import { hasFields } from '@interlock/contracts';
import type { Path } from '@interlock/language';
import { isStep, isTool } from './step.pattern.js';

/** What a case says about some calls or checks. */
interface About {
  readonly tool?: string | undefined;
  readonly step?: string | undefined;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
  readonly times?: number | undefined;
}

/** What is looked for. */
export interface Asked {
  readonly tool: string;
  readonly step: string;
  readonly arguments?: unknown;
}

/** An entry of a script, where it stands in the file, and how often it was used. */
export interface Entry<Said extends About> {
  readonly said: Said;
  readonly path: Path;
  uses: number;
}

/** What a case says in advance: the first entry that fits and is not used up is the answer. */
export class Script<Said extends About> {
  readonly entries: readonly Entry<Said>[];

  constructor(...lists: readonly { readonly path: Path; readonly list: readonly Said[] | undefined }[]) {
    this.entries = lists.flatMap(({ path, list = [] }) =>
      list.map((said, index) => ({ said, path: [...path, index], uses: 0 })),
    );
  }

  use(asked: Asked, fits: (said: Said) => boolean = () => true): Entry<Said> | undefined {
    const found = this.entries.find(
      (entry) =>
        isAbout(entry.said, asked) && fits(entry.said) && entry.uses < (entry.said.times ?? Infinity),
    );
    if (found !== undefined) found.uses += 1;
    return found;
  }

  /** Entries that would have fitted, had they not been used up. */
  usedUp(asked: Asked): readonly Entry<Said>[] {
    return this.entries.filter(({ said }) => isAbout(said, asked));
  }
}

const isAbout = (said: About, asked: Asked): boolean =>
  (said.tool === undefined || isTool(said.tool, asked.tool)) &&
  (said.step === undefined || isStep(said.step, asked.step)) &&
  (said.arguments === undefined || holds(asked.arguments, said.arguments));

/** Whether a value has all fields of a part, below too; lists are whole. */
export function holds(whole: unknown, part: unknown): boolean {
  if (!hasFields(part) || Array.isArray(part)) return isDeepStrictEqual(whole, part);
  return hasFields(whole) && Object.entries(part).every(([key, value]) => holds(whole[key], value));
}
