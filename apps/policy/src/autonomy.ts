import type { Floor } from '@interlock/policy';
import type { ArmedCall } from './questions.js';

/** At the level `assisted` a person approves every call that a model proposed, whatever the bundle says. */
export const floorOf = ({ agent }: ArmedCall): Floor | undefined =>
  agent && { approvers: agent.approvers, why: 'a call that a model proposed' };

/** At every other level nothing that a model proposes is carried out. */
export const refusedLevel = ({ agent }: ArmedCall): string | undefined =>
  agent === undefined || agent.level === 'assisted'
    ? undefined
    : `nothing that a model proposes is carried out at the level ${agent.level}`;
