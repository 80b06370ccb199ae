export {
  CommandVerifier,
  type CommandVerifierOptions,
  type Mode,
  mustBeSigned,
  proven,
  type SealedCommand,
  type TopicCredential,
  type TopicJudge,
  type WebhookJudge,
} from './admission.js';
export {
  BrokenKeyFileError,
  evidenceKeyPath,
  KeyFile,
  keysDirectoryOf,
  RotationUnderWayError,
  tokenKeyPath,
} from './keys/key-file.js';
export { type KeyPair, keyIdOf, newKeyPair, type PublicJwk, publicJwk } from './keys/key-pair.js';
export { BrokenKeySetError, keySetOf, parseKeySet } from './keys/key-set.js';
export { publishedKeys, publishKeys } from './keys/published.keys.js';
export { readSafely, replaceSafely, UnsafeFileError } from './keys/safe-file.js';
export { type ClientKey, clientKeyPath, findClientKey, openClientKey } from './proof/client.key.js';
export { checkProof, PROOF_HEADER, type ProvenCommand, signCommand } from './proof/client.proof.js';
export { type ClientRequest, requestOf } from './proof/client.request.js';
export * from './refusal.js';
export { type Credential, openAuthority, sealAuthority } from './sealing/sealed.authority.js';
export { type SealingKey, SealingKeys, SealingTargets, sealingKeyPath } from './sealing/sealing.keys.js';
export { type DevelopmentClaims, type SigningKey, signDevelopmentToken } from './tokens/development.token.js';
export { type IssuerSettings, issuerKeys } from './tokens/issuer.keys.js';
export { type TokenRules, TokenVerifier, type VerificationTime } from './tokens/token.verifier.js';
export { type Secrets, SIGNING_KEY_CHARS_MIN, signingKeyIn } from './webhook/signing.key.js';
export { requestIn, type WebhookCredential, webhookOf } from './webhook/webhook.credential.js';
export {
  checkSigned,
  type SignedRequest,
  signedHeaders,
  webhookHeaders,
} from './webhook/webhook.signature.js';
