export { isErasureRequest, performErasure } from './erasure.effects.js';
export { FileStore } from './file/file.store.js';
export { MemoryStore } from './memory.store.js';
export { openStore, problemOfStoreUrl } from './open.store.js';
export { Shelf } from './shelf.js';
export {
  type Families,
  type FamilyStanding,
  type Hashes,
  Sweep,
  type SweepOptions,
} from './sweep/sweep.js';
export { isValueRequest, performValues } from './value.effects.js';
export {
  type StoredEntry,
  StoreUnavailableError,
  type ValueAddress,
  type ValueStore,
} from './value.store.js';
export {
  type Held,
  INLINE_BYTES_MAX,
  type Patience,
  storedOf,
  ValueError,
  type ValueLimits,
  Values,
  type ValuesObserver,
} from './values.js';
