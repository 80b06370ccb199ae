import type { Run } from '@interlock/contracts/http';
import { classificationAt } from '@interlock/language';

/** Words of one run; what stands behind them is not found by words. */
const CHARS_MAX = 64 * 1024;
const DEPTH_MAX = 32;

/**
 * What stands in a run, as words to find it by: names, input, output, failure. What the schema of the input classifies is left out, as it
 * is for search fields.
 */
export function textOfRun(run: Run, inputSchema: unknown): string {
  const { runId, workflow, by, input, output, failure, search } = run;
  const text = new Text();
  for (const one of [runId, workflow.name, by, failure?.code, failure?.message, failure?.step]) text.add(one);
  text.addAll(search);
  text.addAll(input, inputSchema, []);
  text.addAll(output);
  return text.whole;
}

class Text {
  whole = '';

  add(text: string | undefined): void {
    if (text !== undefined && this.whole.length < CHARS_MAX)
      this.whole += `${text.slice(0, CHARS_MAX - this.whole.length)}\n`;
  }

  /** Every text and number in a value. @param schema which says what is classified; absent: nothing is */
  addAll(value: unknown, schema?: unknown, path: readonly string[] = []): void {
    if (this.whole.length >= CHARS_MAX || path.length > DEPTH_MAX) return;
    if (typeof value === 'string') this.add(value);
    else if (typeof value === 'number') this.add(String(value));
    else if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) this.#part(one, schema, [...path, String(at)]);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) this.#part(one, schema, [...path, name]);
    }
  }

  #part(value: unknown, schema: unknown, path: readonly string[]): void {
    const isOpen = schema === undefined || (typeof value === 'object' && value !== null);
    if (isOpen || classificationAt(schema, path) === undefined) this.addAll(value, schema, path);
  }
}
