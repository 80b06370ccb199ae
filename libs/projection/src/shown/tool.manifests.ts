import type { Broker } from '@interlock/broker';
import { artifactEvents, foreignRedactionOf, leftOut, type Redaction } from '@interlock/contracts';

/** What is published, as this process has read it. */
export interface PublishedManifests {
  byHash(hash: string): { readonly kind: string; readonly document: unknown } | undefined;
  /** Resolves once everything in front of `offset` of `artifact.events` is read. */
  whenReadTo(offset: number): Promise<void>;
}

/**
 * How arguments of tools are classified, by the hash of the tool's manifest. A manifest never changes under its hash, so it does not
 * matter when it was read; and a run can only name a tool that was published before, so it is there to be read.
 */
export class ToolManifests {
  readonly #known = new Map<string, Redaction>();

  constructor(
    private readonly artifacts: PublishedManifests,
    private readonly broker: Pick<Broker, 'bounds'>,
  ) {}

  readonly redactionOf = (toolHash: string): Redaction | undefined => {
    const known = this.#known.get(toolHash);
    if (known !== undefined) return known;
    const artifact = this.artifacts.byHash(toolHash);
    if (artifact === undefined) return undefined;
    const { input } = (artifact.kind === 'tool' ? artifact.document : {}) as { input?: unknown };
    const redaction = foreignRedactionOf(input);
    this.#known.set(toolHash, redaction);
    return redaction;
  };

  /** Reads what is published up to its present end. What is not there then was never published: all of it is left out. */
  async settle(toolHash: string): Promise<void> {
    const { end } = await this.broker.bounds(artifactEvents.name, 0);
    await this.artifacts.whenReadTo(end);
    if (this.redactionOf(toolHash) === undefined) this.#known.set(toolHash, leftOut);
  }
}
