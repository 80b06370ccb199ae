import { type Bundle, loadBundle } from '@interlock/policy';
import type { PublishedArtifacts } from './published-tools.js';

/** Follows the bundle that was activated last; parses each once. */
export class ActiveBundle {
  #loaded: { readonly document: unknown; readonly bundle: Bundle | undefined } | undefined;

  constructor(private readonly artifacts: PublishedArtifacts) {}

  /** Undefined: none is in force, or the one in force is unusable; an older bundle is not used instead. */
  current(): Bundle | undefined {
    const document = this.artifacts.activePolicy()?.artifact.document;
    if (document === undefined) return undefined;
    if (this.#loaded?.document !== document) {
      const loaded = loadBundle(document);
      this.#loaded = { document, bundle: loaded.ok ? loaded.bundle : undefined };
    }
    return this.#loaded.bundle;
  }
}
