export * from './define-tool.js';
export * from './duration.js';
export * from './failure.js';
export * from './http-status.error.js';
export * from './load-modules.js';
export * from './module.js';
export * from './tool.js';
