import { peopleScenarios } from '../../e2e/people.scenarios.ts';
import { startOnKafka } from './people.kafka.ts';

peopleScenarios('Kafka', startOnKafka);
