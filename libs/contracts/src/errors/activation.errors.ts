import type { ErrorEntry } from './error.entry.js';

/** Why the registry refuses to put a bundle into force: `policy.activation_refused`. */
export const activationErrors = {
  forbidden: {
    meaning: 'The identity may not activate bundles here.',
    action: 'Use an identity with the role admin that belongs to no single tenant.',
  },
  unknown_bundle: {
    meaning: 'No bundle with this hash is published.',
    action: 'Publish it first; `./interlock policy list` shows the hashes.',
  },
  unknown_activation: {
    meaning: 'There is no such activation.',
    action: '`./interlock policy list` shows the ones that wait.',
  },
  already_active: {
    meaning: 'The bundle is in force already.',
    action: 'Nothing.',
  },
  pending: {
    meaning: 'An activation of this bundle waits for a second person already.',
    action: 'Let another person vote on it.',
  },
  closed: {
    meaning: 'The activation is settled: active, denied, superseded or expired.',
    action: 'Ask for a new activation, where it is still wanted.',
  },
  other_hash: {
    meaning: 'The vote names another bundle than the activation.',
    action: 'Read the bundle that is to be activated, and vote with its hash.',
  },
  voted: {
    meaning: 'The person has voted on it already.',
    action: 'Let another person vote.',
  },
  too_many: {
    meaning: 'Too many activations wait at once.',
    action: 'Settle some that wait: approve or deny them.',
  },
  not_decided: {
    meaning: 'The registry has failed to decide on the command.',
    action: 'Report it with the log of the registry; repeat the command.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
