export * from './broker.js';
export * from './errors.js';
export { partitionOf } from './partitioner.js';
export { RenewingProducer } from './renewing.producer.js';
