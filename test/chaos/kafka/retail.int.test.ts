import { retailStories } from '../../e2e/retail.stories.ts';
import { startRetailOnKafka } from './retail.kafka.ts';

retailStories('Kafka', startRetailOnKafka);
