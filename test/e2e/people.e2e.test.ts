import { peopleScenarios } from './people.scenarios.ts';
import { startOnEmbedded } from './people.system.ts';

peopleScenarios('the embedded log', startOnEmbedded);
