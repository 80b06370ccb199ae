export * from './audit.record.js';
export * from './event.feed.js';
export { type FeedPlace, feedFrom, parseFeedPosition } from './feed.position.js';
export * from './redaction.catalogue.js';
export * from './shown.data.js';
export * from './shown.records.js';
export * from './tool.manifests.js';
