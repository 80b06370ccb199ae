export * from './telemetry.module.js';
