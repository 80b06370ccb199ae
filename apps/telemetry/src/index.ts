export * from './audit/audit.publisher.js';
export { sourceOf } from './audit/audit.record.js';
export { type Anchor, anchorsOf } from './audit/run.anchor.js';
export { ToolManifests } from './audit/tool.manifests.js';
export * from './telemetry.module.js';
