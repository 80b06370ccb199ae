import { peopleStories } from '../../e2e/people.stories.ts';
import { startOnKafka } from './people.kafka.ts';

peopleStories('Kafka', startOnKafka);
