export { BrokenKeyFileError, KeyFile, RotationUnderWayError } from './keys/key-file.js';
export { type KeyPair, keyIdOf, type PublicJwk, publicJwk } from './keys/key-pair.js';
export { BrokenKeySetError, type KeySet, keySetOf, parseKeySet } from './keys/key-set.js';
export { UnsafeFileError } from './keys/safe-file.js';
