export { artifactActor, CATALOGUE_KEY } from './artifact.actor.js';
export type { Catalogue } from './catalogue.js';
export * from './registry.module.js';
