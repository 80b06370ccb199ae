export { BrokenChainError, ExportSigner, numbered } from './export/export.js';
export { type RecordBytes, type RecordLine, recordLine } from './export/export-line.js';
export { type Head, isSignedBy, type SignedHead, signHead } from './export/head.js';
export { linesOf, type TextLine } from './export/lines.js';
export { type ExportedLine, type ExportedRecord, parseLine } from './export/parse-line.js';
export {
  BrokenKeyFileError,
  evidenceKeyPath,
  KeyFile,
  RotationUnderWayError,
  tokenKeyPath,
} from './keys/key-file.js';
export { type KeyPair, keyIdOf, type PublicJwk, publicJwk } from './keys/key-pair.js';
export { BrokenKeySetError, type KeySet, keySetOf, parseKeySet } from './keys/key-set.js';
export { UnsafeFileError } from './keys/safe-file.js';
export { recordedIn } from './replay/recorded.js';
export { type Difference, type Evolve, type Replay, Replayer, type Suspect } from './replay/replay.js';
export { replayExport } from './replay/replay-export.js';
export { type Comparison, firstDifference } from './verify/first-difference.js';
export type { Problem, ProblemCode, Verdict } from './verify/verdict.js';
export { verifyExport } from './verify/verify.js';
export type { Keys } from './verify/verify-head.js';
