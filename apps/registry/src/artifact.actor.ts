import { type Actor, type Decision, nothing } from '@interlock/actors';
import {
  ArtifactPublished,
  ArtifactRefused,
  artifactCommands,
  PublishArtifact,
  type PublishedArtifact,
} from '@interlock/contracts';
import type { z } from 'zod';
import { type Catalogue, emptyCatalogue, find, withArtifact } from './catalogue.js';
import { checkArtifact } from './check-artifact.js';
import type { Problem } from './checked.js';

type Publish = z.output<typeof PublishArtifact.schema>;

/** One actor holds the whole catalogue, because a workflow is judged by everything it names. */
export const CATALOGUE_KEY = 'artifacts';
const PROBLEMS_MAX = 100;

/** Validates what is to be published and answers every publisher: published, or refused with all problems. */
export const artifactActor: Actor<Catalogue> = {
  name: 'artifacts',
  inputs: { [artifactCommands.name]: new Set([PublishArtifact.type]) },
  key: () => CATALOGUE_KEY,

  decide(input, state) {
    if (input.kind !== 'message') return nothing;
    return publish(input.message.data as Publish, state ?? emptyCatalogue);
  },

  evolve: (state = emptyCatalogue, { type, data }) =>
    type === ArtifactPublished.type ? withArtifact(state, data as PublishedArtifact) : state,
};

function publish(command: Publish, catalogue: Catalogue): Decision {
  const { kind, name, version, document, by, commandId } = command;
  const checked = checkArtifact(command, catalogue);
  if ('problems' in checked) return refused(command, checked.problems);
  const published = find(catalogue, kind, name, version);
  if (published === undefined) {
    const { hash, compiled } = checked;
    return answered(ArtifactPublished({ kind, name, version, document, hash, compiled, by, commandId }));
  }
  // A repeat of the command was answered already; another publisher of the same document still waits for its answer.
  if (published.commandId === commandId) return nothing;
  return answered(ArtifactPublished({ ...published, commandId }));
}

const answered = (event: Decision['events'][number]): Decision => ({ events: [event] });

const refused = ({ commandId, kind, name }: Publish, problems: readonly Problem[]): Decision =>
  answered(ArtifactRefused({ commandId, kind, name, problems: problems.slice(0, PROBLEMS_MAX) }));
