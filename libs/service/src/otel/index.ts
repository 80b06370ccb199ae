/** Loads the SDK of OpenTelemetry: only types of it are free. */
export { type Sent, ToldSpans } from './told.spans.js';
