export * from './errors.js';
export { type EmbeddedOptions, openEmbeddedBroker } from './open.js';
