import type { Actor } from '@interlock/actors';
import {
  ActivatePolicy,
  type ActivationEvent,
  type ArtifactEvent,
  ArtifactPublished,
  ArtifactRefused,
  activationEvents,
  artifactCommands,
  foldActivation,
  type MessageOf,
  ProposePolicy,
  PublishArtifact,
  typesOf,
  VoteOnActivation,
} from '@interlock/contracts';
import { mayPublish } from './authors.js';
import { type Catalogue, find, withArtifact } from './catalogue.js';
import { checkArtifact } from './check-artifact.js';
import type { Problem } from './checked.js';
import { activate } from './policy/activate.js';
import { refused as refusedActivation } from './policy/activation.events.js';
import { propose } from './policy/propose.js';
import { expire, nextExpiry, voteOnActivation } from './policy/vote.js';
import { emptyRegistry, type RegistrySettings, type RegistryState } from './registry.state.js';

type Publish = MessageOf<typeof PublishArtifact>['data'];

/** One actor holds the whole catalogue, because a workflow is judged by everything it names. */
export const CATALOGUE_KEY = 'artifacts';
const PROBLEMS_MAX = 100;

const commands = [PublishArtifact, ActivatePolicy, VoteOnActivation, ProposePolicy] as const;
type RegistryCommand = MessageOf<(typeof commands)[number]>;
const ofPolicy: ReadonlySet<string> = new Set(activationEvents.map(({ type }) => type));
const isOfPolicy = (event: ArtifactEvent): event is ActivationEvent => ofPolicy.has(event.type);

/** Validates what is to be published, decides which bundle is in force, and answers the commands for both. */
export function artifactActor(
  settings: RegistrySettings,
): Actor<RegistryState, RegistryCommand, ArtifactEvent> {
  return {
    name: 'artifacts',
    inputs: { [artifactCommands.name]: typesOf(...commands) },
    key: () => CATALOGUE_KEY,

    decide(input, state = emptyRegistry, { now }) {
      if (input.kind === 'message') return { events: decide(input.message, state, settings, now) };
      return { events: expire(state, now) };
    },

    // A timer has no message to quarantine: what is due ends all the same, so that it is not due for ever.
    answerFault({ code }, input, state = emptyRegistry, { now }) {
      return { events: input.kind === 'message' ? undecided(input.message, code, now) : expire(state, now) };
    },

    evolve(state = emptyRegistry, event) {
      if (event.type === 'artifact.published')
        return { ...state, catalogue: withArtifact(state.catalogue, event.data) };
      return isOfPolicy(event) ? { ...state, policy: foldActivation(state.policy, event) } : state;
    },

    due: (state) => state && nextExpiry(state),
  };
}

function decide(
  { type, data }: RegistryCommand,
  state: RegistryState,
  settings: RegistrySettings,
  now: number,
): ArtifactEvent[] {
  switch (type) {
    case PublishArtifact.type:
      return publish(data, state.catalogue, settings);
    case ActivatePolicy.type:
      return activate(data, state, settings, now);
    case VoteOnActivation.type:
      return voteOnActivation(data, state, now);
    case ProposePolicy.type:
      return propose(data, state, settings, now);
  }
}

/** Refuses what the registry could not decide on, whatever it was. */
function undecided({ type, data }: RegistryCommand, code: string, now: number): ArtifactEvent[] {
  const message = `the registry could not decide on it (${code}): nothing has changed`;
  return type === PublishArtifact.type
    ? [refused(data, [{ path: '', message }])]
    : refusedActivation(data, 'not_decided', message, now);
}

function publish(command: Publish, catalogue: Catalogue, settings: RegistrySettings): ArtifactEvent[] {
  const { kind, name, version, document, by, commandId } = command;
  if (!mayPublish(by, settings))
    return [
      refused(command, [{ path: '', message: `${by.sub} may not publish: that needs the role admin` }]),
    ];
  const checked = checkArtifact(command, catalogue, settings);
  if ('problems' in checked) return [refused(command, checked.problems)];
  const published = find(catalogue, kind, name, version);
  if (published === undefined) {
    const { hash, compiled } = checked;
    return [ArtifactPublished({ kind, name, version, document, hash, compiled, by, commandId })];
  }
  // A repeat of the command was answered already; another publisher of the same document still waits for its answer.
  if (published.commandId === commandId) return [];
  return [ArtifactPublished({ ...published, commandId })];
}

const refused = ({ commandId, kind, name }: Publish, problems: readonly Problem[]): ArtifactEvent =>
  ArtifactRefused({ commandId, kind, name, problems: problems.slice(0, PROBLEMS_MAX) });
