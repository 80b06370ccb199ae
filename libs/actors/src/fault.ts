/** Why an actor has not decided on an input. The thrown value is only for logs and quarantine, because it may hold anything. */
export interface Fault {
  readonly code: 'decision.threw' | 'decision.too_large';
  readonly message: string;
}

/** @param error anything at all, also what throws when it is read */
export function faultOf(error: unknown): Fault {
  return { code: 'decision.threw', message: textOf(error).slice(0, 4_000).toWellFormed() };
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack ?? error.message) : String(error);
  } catch {
    return 'what was thrown cannot be read';
  }
}
