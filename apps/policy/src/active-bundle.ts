import { type Bundle, loadBundle } from '@interlock/policy';
import type { PublishedArtifacts } from './published-tools.js';

/** Follows the newest bundle named `active`; parses each once. */
export class ActiveBundle {
  #loaded: { readonly document: unknown; readonly bundle: Bundle | undefined } | undefined;

  constructor(private readonly artifacts: PublishedArtifacts) {}

  /** Undefined when none is published or the newest is unusable: an older one does not stand in for it. */
  current(): Bundle | undefined {
    const document = this.artifacts.get('policy', 'active')?.document;
    if (document === undefined) return undefined;
    if (this.#loaded?.document !== document) {
      const loaded = loadBundle(document);
      this.#loaded = { document, bundle: loaded.ok ? loaded.bundle : undefined };
    }
    return this.#loaded.bundle;
  }
}
