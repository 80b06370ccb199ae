/** A command that somebody who may give it gave, and that was refused as things stood then. */
export interface RefusedCommand<Code extends string> {
  readonly commandId: string;
  readonly code: Code;
  readonly message: string;
}

/** A command counts for as long as its token at most, and nobody who may give these gives this many in that time. */
const KEPT_MAX = 1_000;

/**
 * Those that stay refused: whoever has seen a command could else say it again once things stand otherwise, and its giver would be taken
 * at a word they gave about something else. Of whoever may not give such commands nothing is kept: they could push the others out.
 */
export function withRefused<Code extends string>(
  kept: readonly RefusedCommand<Code>[],
  { commandId, code, message }: RefusedCommand<Code>,
): readonly RefusedCommand<Code>[] {
  if (code === 'forbidden') return kept;
  return [...kept.filter((one) => one.commandId !== commandId), { commandId, code, message }].slice(
    -KEPT_MAX,
  );
}
