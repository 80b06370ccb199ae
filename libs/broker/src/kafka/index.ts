export { openKafkaBroker } from './kafka.broker.js';
export type { KafkaOptions } from './options.js';
