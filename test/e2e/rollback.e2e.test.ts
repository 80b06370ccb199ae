import { rollbackStories } from './rollback.stories.ts';
import { startOnEmbedded } from './rollback.system.ts';

rollbackStories('the embedded log', startOnEmbedded);
