export * from './free.port.js';
export * from './specification.js';
