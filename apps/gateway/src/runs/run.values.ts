import { notReady, refusedAs } from '@interlock/commands';
import type { StoredValue } from '@interlock/contracts';
import { ValueError, type Values } from '@interlock/values';

/** How long a reader waits for a store that is away, ms. */
const WITHIN_MS = 3_000;
const patience = { withinMs: WITHIN_MS };

/** The values of runs that are kept outside of the log, for whoever may read the run. */
export class RunValues {
  constructor(private readonly values: Values | undefined) {}

  /** @throws {Problem} gone; not-ready while the store is away */
  async read(family: string, hash: string): Promise<Uint8Array> {
    if (this.values === undefined)
      throw refusedAs(
        'gone',
        'value.missing',
        'This gateway has no store: set INTERLOCK_STORE_URL to that of the other services.',
      );
    try {
      return await this.values.bytes(family, { hash }, patience);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      if (error.code === 'value.unavailable') throw notReady(error.message);
      throw refusedAs('gone', error.code, error.message);
    }
  }

  /** For an export: what cannot be had is left out, and whoever verifies it is told. */
  async exported(family: string, stored: StoredValue): Promise<Uint8Array | undefined> {
    try {
      return await this.values?.bytes(family, stored, patience);
    } catch (error) {
      if (error instanceof ValueError) return undefined;
      throw error;
    }
  }
}
