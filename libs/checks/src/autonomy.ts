import { stepNameOf } from '@interlock/contracts';
import type { Floor } from '@interlock/policy';
import type { CallInfluence } from './call-influence.js';
import type { RequestedCall } from './questions.js';

/**
 * At the level `assisted` a person approves every write that a model led to, whatever the bundle says: what it proposed, and
 * what the workflow does because of it. A read takes a person where the step of the model asks for that. What undoes a write
 * takes none: it is what the workflow promises for a failure, and the floor must not stand in its way.
 */
export function floorOf(call: RequestedCall, influence: CallInfluence): Floor | undefined {
  const { effect, purpose, step, agent } = call;
  const { influencedBy, agents, agentOf } = influence;
  if (purpose !== 'step') return undefined;
  const own = agents.get(stepNameOf(step))?.approvers ?? agent?.approvers ?? [];
  if (effect === 'read') {
    const asks = agent !== undefined && agents.get(stepNameOf(step))?.asksForReads === true;
    return asks ? { approvers: own, why: 'a call that a model proposed' } : undefined;
  }
  const led = influencedBy.filter(({ level }) => level === 'assisted');
  const isOwn = agent === undefined || led.some((mark) => mark.step === step);
  if (led.length === 0 && isOwn) return undefined;
  const why =
    agent === undefined
      ? `a write that the model of ${led.map((mark) => mark.step).join(' and ')} influenced`
      : 'a call that a model proposed';
  // As the published workflow names them; those of the call count only where policy knows of none.
  const roles = led.map((mark) => agentOf(mark)?.approvers ?? (mark.step === step ? own : []));
  return { approvers: shared(isOwn ? roles : [...roles, own]), why };
}

/** Who may approve for one model may not approve for another: the roles that all of their steps name. */
const shared = ([first = [], ...rest]: readonly (readonly string[])[]): readonly string[] =>
  first.filter((role) => rest.every((roles) => roles.includes(role)));

/** At every other level nothing that a model proposes is carried out. */
export const refusedLevel = ({ agent }: RequestedCall): string | undefined =>
  agent === undefined || agent.level === 'assisted'
    ? undefined
    : `nothing that a model proposes is carried out at the level ${agent.level}`;
