import type { z } from 'zod';
import type {
  ActivationEvent,
  ActivationOpened,
  ActivationVoted,
  activationRefusals,
  activationStatuses,
  PolicyActivated,
} from './policy.activation.js';
import { type RefusedCommand, withRefused } from './refused.command.js';

export type BundleInForce = z.output<typeof PolicyActivated.schema>;
type Opened = z.output<typeof ActivationOpened.schema>;
type ActivationVote = z.output<typeof ActivationVoted.schema>;

/** An activation that somebody has asked for. Who asks agrees with it. */
export interface Activation extends Opened {
  readonly votes: readonly Omit<ActivationVote, 'activationId'>[];
  readonly status: (typeof activationStatuses)[number];
}

/** Which bundle is in force, how it came to be, and what people have yet to decide: the fold of the activation events. */
export interface PolicyInForce {
  readonly active?: BundleInForce;
  /** Hashes of all bundles that have ever been in force. */
  readonly earlier: readonly string[];
  /** Oldest first; of those that are settled the newest only. */
  readonly activations: readonly Activation[];
  /** The newest bundle that each module has proposed, by its subject. */
  readonly proposed: Readonly<Record<string, string>>;
  readonly refused: readonly RefusedCommand<(typeof activationRefusals)[number]>[];
}

export const nothingInForce: PolicyInForce = { earlier: [], activations: [], proposed: {}, refused: [] };

/** For people who look back; the log itself keeps everything. */
const SETTLED_MAX = 200;

export function foldActivation(state: PolicyInForce, event: ActivationEvent): PolicyInForce {
  switch (event.type) {
    case 'policy.activation_opened': {
      const { commandId, by, at, reason } = event.data;
      const opened: Activation = {
        ...event.data,
        votes: [{ commandId, by, vote: 'approve', at, reason }],
        status: 'pending',
      };
      return { ...state, activations: trimmed([...state.activations, opened]) };
    }
    case 'policy.activation_voted': {
      const { activationId, ...vote } = event.data;
      return changed(state, activationId, (one) => ({ ...one, votes: [...one.votes, vote] }));
    }
    case 'policy.activated': {
      const { activationId, hash } = event.data;
      const earlier = state.earlier.includes(hash) ? state.earlier : [...state.earlier, hash];
      const next = { ...state, active: event.data, earlier };
      return changed(next, activationId, (one) => ({ ...one, status: 'active' }));
    }
    case 'policy.activation_closed': {
      const { activationId, because } = event.data;
      return changed(state, activationId, (one) => ({ ...one, status: because }));
    }
    case 'policy.proposed': {
      const { by, hash } = event.data;
      return { ...state, proposed: { ...state.proposed, [by.sub]: hash } };
    }
    case 'policy.activation_refused':
      return { ...state, refused: withRefused(state.refused, event.data) };
  }
}

function changed(
  state: PolicyInForce,
  activationId: string,
  change: (one: Activation) => Activation,
): PolicyInForce {
  const activations = state.activations.map((one) => (one.activationId === activationId ? change(one) : one));
  return { ...state, activations };
}

function trimmed(activations: readonly Activation[]): readonly Activation[] {
  const settled = activations.filter(({ status }) => status !== 'pending');
  const dropped = new Set(settled.slice(0, Math.max(0, settled.length - SETTLED_MAX)));
  return dropped.size === 0 ? activations : activations.filter((one) => !dropped.has(one));
}
