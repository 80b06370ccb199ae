import type { ErrorEntry } from './error.entry.js';

/** Why what proves a command does not hold: the command is quarantined, and HTTP answers 401 or 403. */
export const authorityErrors = {
  'authority.missing': {
    meaning: 'The command carries no token.',
    action: 'Send commands through the gateway.',
  },
  'authority.unsealed': {
    meaning: 'The token is sealed for another service or command, or not sealed at all.',
    action: 'Check that the gateway and the service use the same sealing keys.',
  },
  'authority.token': {
    meaning: 'The token is nobody’s: signature, issuer, audience or a claim is wrong.',
    action: 'Get a token of the issuer that INTERLOCK_JWT_ISSUER names.',
  },
  'authority.expired': {
    meaning: 'The token had expired when the broker took the command.',
    action: 'Log in again, and repeat the command.',
  },
  'authority.role': {
    meaning: 'The token gives no right to this.',
    action: 'Use an identity with the role that is needed.',
  },
  'authority.proof': {
    meaning: 'The client’s signature is missing, or is one of another command, person or key.',
    action: 'Log in on this machine (`./interlock login`), so that ./interlock signs.',
  },
  'authority.webhook': {
    meaning:
      'The request of another system is not signed with the secret of its trigger, is too old, or is not what the trigger makes of it.',
    action: 'Check the secret and the clocks of both systems.',
  },
  'authority.topic': {
    meaning:
      'The record in a topic of others, that a trigger is said to have read, is not there, or the command is not what the trigger makes of it.',
    action: 'Check that the orchestrator may read the topic, and that it keeps records for some days.',
  },
  'authority.time': {
    meaning: 'The broker did not say when it took the command.',
    action: 'Set the topic to LogAppendTime, as the topic table says.',
  },
  'authority.place': {
    meaning: 'The command lies in another partition than its run.',
    action: 'Find out who wrote it: the gateway does not.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
