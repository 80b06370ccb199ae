import type { JsonSchema } from '@interlock/schema';
import type { Called } from '../scope/called.js';

/** The run went on as another version of its workflow says. */
export interface Migration {
  readonly from: number;
  readonly to: number;
  readonly by: string;
  readonly reason: string;
  /** UTC ms. */
  readonly at: number;
}

/** How a call was made under an earlier version: as it is recovered and undone still. */
export interface EarlierCall extends Omit<Called, 'step'> {
  /** JSON Schema of what the tool takes that undoes it. Absent: nothing does. */
  readonly undoTakes?: JsonSchema;
}
