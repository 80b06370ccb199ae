export * from './partition.input.js';
export * from './partition.reader.js';
export * from './projection.js';
export * from './projection.rows.js';
export * from './rule.reader.js';
export * from './same.log.js';
export * from './share.reader.js';
export * from './shown/index.js';
