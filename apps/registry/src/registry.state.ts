import { nothingInForce, type PolicyInForce } from '@interlock/contracts';
import { type Catalogue, emptyCatalogue } from './catalogue.js';

/** What the registry knows: what is published, and which bundle is in force. */
export interface RegistryState {
  readonly catalogue: Catalogue;
  readonly policy: PolicyInForce;
}

export const emptyRegistry: RegistryState = { catalogue: emptyCatalogue, policy: nothingInForce };

/** What a decision depends on besides the log. */
export interface RegistrySettings {
  readonly mode: 'development' | 'production';
  /** Others can write to the broker: a trigger may read their topics. */
  readonly hasTopicsOfOthers: boolean;
}
