export { type BundleTestResult, type TestedBundle, testBundle } from './bundle/test.bundle.js';
export { type CaseFile, type CaseOfRun, caseFile } from './case/case.schema.js';
export { CoreBus } from './cores/core.bus.js';
export type { Core, Perform } from './cores/hosted.core.js';
export { type EditorDocument, editorSchemaFile, editorSchemas } from './editor.schemas.js';
export { caseOf, type RecordedCase, type RecordOptions, textOfCases } from './record/record.js';
export type { RecordedRunEvent } from './record/recorded.run.js';
export { type CaseFinding, type CaseResult, type TestedFile, testFile } from './test.file.js';
