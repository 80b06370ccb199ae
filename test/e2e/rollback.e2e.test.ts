import { rollbackScenarios } from './rollback.scenarios.ts';
import { startOnEmbedded } from './rollback.system.ts';

rollbackScenarios('the embedded log', startOnEmbedded);
