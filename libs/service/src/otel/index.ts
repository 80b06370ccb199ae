/** Loads the SDK of OpenTelemetry: only types of it are free. */
export { EmittedSpans, type Sent } from './emitted.spans.js';
