import { retailScenarios } from '../../e2e/retail.scenarios.ts';
import { startRetailOnKafka } from './retail.kafka.ts';

retailScenarios('Kafka', startRetailOnKafka);
