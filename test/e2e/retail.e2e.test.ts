import { retailStories } from './retail.stories.ts';
import { startRetailOnEmbedded } from './retail.system.ts';

retailStories('the embedded log', () => startRetailOnEmbedded());
