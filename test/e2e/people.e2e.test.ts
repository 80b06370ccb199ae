import { peopleStories } from './people.stories.ts';
import { startOnEmbedded } from './people.system.ts';

peopleStories('the embedded log', startOnEmbedded);
