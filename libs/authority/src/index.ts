export {
  BrokenKeyFileError,
  evidenceKeyPath,
  KeyFile,
  RotationUnderWayError,
  tokenKeyPath,
} from './keys/key-file.js';
export { type KeyPair, keyIdOf, newKeyPair, type PublicJwk, publicJwk } from './keys/key-pair.js';
export { BrokenKeySetError, type KeySet, keySetOf, parseKeySet } from './keys/key-set.js';
export { UnsafeFileError } from './keys/safe-file.js';
export * from './refusal.js';
export { type IssuerSettings, issuerKeys } from './tokens/issuer.keys.js';
export { type Judged, type TokenRules, TokenVerifier } from './tokens/token.verifier.js';
