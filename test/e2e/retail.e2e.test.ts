import { retailScenarios } from './retail.scenarios.ts';
import { startRetailOnEmbedded } from './retail.system.ts';

retailScenarios('the embedded log', () => startRetailOnEmbedded());
