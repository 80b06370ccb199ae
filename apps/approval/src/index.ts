export * from './approval.module.js';
