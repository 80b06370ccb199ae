import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One request as the systems of this company got it, whether or not it changed anything. */
export interface Line {
  readonly at: number;
  readonly tool: string;
  /** The same for every repetition of a call. */
  readonly key: string;
  /** A system that knows no keys does whatever it is asked, as often as it is asked. */
  readonly knowsKeys: boolean;
  readonly isRefused: boolean;
  readonly input: Readonly<Record<string, unknown>>;
  /** What this write can be named by. One that undoes another has the reference of that. */
  readonly reference: string;
}

/**
 * All systems of the company: a file of lines, one for each request. A line that was appended is there, whatever becomes of the process
 * that appended it. The first line under a key takes effect, and a key stands for one request only.
 */
export class World {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
  }

  lines(): Line[] {
    if (!existsSync(this.path)) return [];
    const whole = readFileSync(this.path, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Line);
  }

  under(key: string): Line[] {
    return this.lines().filter((line) => line.key === key);
  }

  /** @throws the key was used for something else */
  take(line: Omit<Line, 'at'>): void {
    appendFileSync(this.path, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
    const [first = line] = this.under(line.key);
    if (first.tool !== line.tool || JSON.stringify(first.input) !== JSON.stringify(line.input))
      throw new Error(`key ${line.key} was used for ${first.tool} before`);
  }
}

/** What has really changed something, in the order in which it did. */
export function effective(lines: readonly Line[]): Line[] {
  const done = new Set<string>();
  return lines.filter(({ isRefused, knowsKeys, key }) => {
    if (isRefused || (knowsKeys && done.has(key))) return false;
    done.add(key);
    return true;
  });
}
