import type { CodeOf } from '@interlock/contracts';
/** Reads cannot be answered now: the store of the read model does not answer, or is being filled from the log. */
export class ReadModelUnavailableError extends Error {
  readonly code = 'read-model.unavailable' satisfies CodeOf<'fault'>;

  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'ReadModelUnavailableError';
  }
}

export const readModelClosed = (): ReadModelUnavailableError => new ReadModelUnavailableError('it is closed');

/** What was asked; undefined also when the read model is unavailable, for those who can go on without it. */
export async function unlessUnavailable<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ReadModelUnavailableError) return undefined;
    throw error;
  }
}
