import { DoubtResolved, type MessageOf, type ResolveStep, StepResolved } from '@interlock/contracts';
import { misfitOf } from '@interlock/schema';
import { completeWhenAllowed } from '../call/complete.js';
import { checkpoint } from '../call/performed.js';
import { repeatAfterDoubt } from '../call/recovery.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { misfitText } from '../misfit.js';
import { outputTooLarge } from '../output.size.js';

/** Why an answer is not taken. */
type Refusal = readonly [code: string, message: string];

/**
 * A person answers for a call that waits for an operator: it happened, with this output, or it did not. What they say is used as it is: the
 * step gives exactly that, a model sees exactly that, and no check of policy is asked about it.
 */
export function resolveStep(
  draft: DecisionDraft,
  call: CallIndex | undefined,
  { step, commandId, by, reason, happened, output }: MessageOf<typeof ResolveStep>['data'],
): Refusal | undefined {
  if (call === undefined) return ['step.no_call', `step ${step} makes no call that could have happened`];
  const { doubt, hash: callHash } = draft.call(call);
  if (!happened && doubt === undefined)
    return ['step.not_in_doubt', `the call of step ${step} is known not to have happened: retry or skip it`];
  const unfit = happened ? unfitOutput(draft, call, output) : undefined;
  if (unfit !== undefined) return unfit;
  const said = happened ? { happened, output: output ?? null } : { happened };
  draft.emit(StepResolved({ step, commandId, by, reason, callHash, ...said }));
  if (doubt !== undefined) draft.emit(DoubtResolved({ step, callHash, happened, by: 'person' }));
  if (!happened) {
    repeatAfterDoubt(draft, call);
    return undefined;
  }
  if (draft.called(call).effect === 'write') checkpoint(draft);
  completeWhenAllowed(draft, call);
  return undefined;
}

/** An output has to be one that the tool could have given. What a compensation gave nobody reads, so it may be left out. */
function unfitOutput(draft: DecisionDraft, call: CallIndex, output: unknown): Refusal | undefined {
  const { tool, toolHash } = draft.called(call);
  if (output === undefined && draft.owner(call).purpose === 'compensate') return undefined;
  const large = outputTooLarge(output ?? null);
  if (large !== undefined) return [large.code, large.message];
  const manifest = draft.settings.tool(toolHash);
  if (manifest === undefined) return ['resolve.unknown_tool', `nobody here knows what ${tool} gives`];
  const misfit = manifest.output === undefined ? undefined : misfitOf(manifest.output, output ?? null);
  if (misfit === undefined) return undefined;
  const code = misfit.code === 'schema.too_expensive' ? misfit.code : 'resolve.output';
  return [code, `${tool} gives something else: ${misfitText(misfit)}`];
}
