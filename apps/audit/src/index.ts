export * from './audit.module.js';
export * from './audit.publisher.js';
export * from './audit.stream.js';
export { type Anchor, anchorsOf } from './run.anchor.js';
