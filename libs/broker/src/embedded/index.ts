export { lockDirectory } from './directory.lock.js';
export * from './errors.js';
export { type EmbeddedOptions, openEmbeddedBroker } from './open.js';
