export * from './chain.js';
export * from './claim.js';
export * from './errors.js';
export * from './meta.js';
export * from './position.js';
export * from './reader.js';
export * from './record.js';
export * from './writer.js';
