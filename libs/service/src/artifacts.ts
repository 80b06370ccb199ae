import {
  type ActivationEvent,
  type ArtifactEvent,
  type ArtifactKind,
  activationEvents,
  artifactLifeEvents,
  type BundleInForce,
  Catalogue,
  foldActivation,
  namesMeantBy,
  nothingInForce,
  type PolicyInForce,
  type PublishedArtifact,
} from '@interlock/contracts';
import { type Accepted, type Part, partsOf } from '@interlock/log';
import type { RecordBatch } from './transport.js';

const catalogue = new Catalogue(artifactLifeEvents);
const ofPolicy: ReadonlySet<string> = new Set(activationEvents.map(({ type }) => type));
const isOfPolicy = (event: ArtifactEvent): event is ActivationEvent => ofPolicy.has(event.type);

/** The bundle that every question is asked of, and how it came into force. */
export interface ActivePolicy extends BundleInForce {
  readonly artifact: PublishedArtifact;
}

/** What an application waits for after it has asked for a publication. */
export type ArtifactAnswer = ArtifactEvent & { readonly commandId: string };

/** Everything published, as this process has read it: the fold of `artifact.events`, which every service reads whole. */
export class ArtifactView {
  readonly #byHash = new Map<string, PublishedArtifact>();
  readonly #byName = new Map<string, PublishedArtifact[]>();
  /** When what stands under a name and version was published first, UTC ms. */
  readonly #publishedAt = new Map<string, number>();
  readonly #listeners = new Set<(answer: ArtifactAnswer) => void>();
  readonly #readers = new Set<() => void>();
  #policy = nothingInForce;
  #next = 0;
  #waiting: { readonly offset: number; readonly resolve: () => void }[] = [];

  /** @param end where `artifact.events` ended when this process started: until it is read this view is incomplete */
  constructor(readonly end: number) {}

  /** Resolves once everything written before the start is read. */
  whenRead(): Promise<void> {
    return this.whenReadTo(this.end);
  }

  /** Resolves once everything in front of `offset` is read. */
  whenReadTo(offset: number): Promise<void> {
    if (this.#next >= offset) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ offset, resolve }));
  }

  /** How many records written before the start are still to be read. */
  get missing(): number {
    return Math.max(0, this.end - this.#next);
  }

  /** Takes accepted records, in order. */
  take({ accepted, position }: Pick<RecordBatch, 'accepted' | 'position'>): void {
    for (const record of accepted) this.#takeRecord(record);
    this.#next = position.offset;
    if (accepted.length > 0) for (const notify of this.#readers) notify();
    const { offset } = position;
    const isDue = (one: { readonly offset: number }) => one.offset <= offset;
    const due = this.#waiting.filter(isDue);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((one) => !isDue(one));
    for (const { resolve } of due) resolve();
  }

  byHash(hash: string): PublishedArtifact | undefined {
    return this.#byHash.get(hash);
  }

  /** The named version, or the newest. */
  get(kind: ArtifactKind, name: string, version?: number): PublishedArtifact | undefined {
    const versions = this.#byName.get(`${kind}:${name}`);
    return version === undefined ? versions?.at(-1) : versions?.find((one) => one.version === version);
  }

  /** The same, also by a short name: `book-room` while one module alone brings something of this name. */
  named(kind: ArtifactKind, name: string, version?: number): PublishedArtifact | undefined {
    const exact = this.get(kind, name, version);
    if (exact !== undefined) return exact;
    const start = `${kind}:`;
    const names = [...this.#byName.keys()].filter((key) => key.startsWith(start));
    const [meant, ...others] = namesMeantBy(
      name,
      names.map((key) => key.slice(start.length)),
    );
    return meant === undefined || others.length > 0 ? undefined : this.get(kind, meant, version);
  }

  /** Every version of every artifact of a kind, by name and version. */
  all(kind: ArtifactKind): PublishedArtifact[] {
    return [...this.#byName]
      .filter(([key]) => key.startsWith(`${kind}:`))
      .flatMap(([, versions]) => versions);
  }

  /** When the next version of its name was published, UTC ms; undefined: it is the newest. */
  replacedAt({ kind, name, version }: PublishedArtifact): number | undefined {
    const next = this.#byName.get(`${kind}:${name}`)?.find((one) => one.version > version);
    return next && this.#publishedAt.get(titleOf(next));
  }

  /** Which bundle is in force, and what people have yet to decide about others. */
  get policy(): PolicyInForce {
    return this.#policy;
  }

  /** Undefined before the first activation: a bundle that is only published decides nothing. */
  activePolicy(): ActivePolicy | undefined {
    const { active } = this.#policy;
    const artifact = active && this.#byHash.get(active.hash);
    return artifact && { ...active, artifact };
  }

  /** Calls back for every answer of the registry from now on; returns a function that stops it. */
  onAnswer(listener: (answer: ArtifactAnswer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back whenever records of `artifact.events` were read; returns a function that stops it. */
  readonly onRead = (listener: () => void): (() => void) => {
    this.#readers.add(listener);
    return () => this.#readers.delete(listener);
  };

  #takeRecord(accepted: Accepted): void {
    if (!accepted.wires.some((wire) => catalogue.knows(wire))) return;
    for (const part of partsOf(accepted, accepted.record.value)) this.#take(part);
  }

  #take({ wire, data: found, meta }: Part): void {
    if (!catalogue.knows(wire)) return;
    const event = catalogue.validData(wire, found);
    if (event.type === 'artifact.published') this.#add(event.data, meta.time);
    if (isOfPolicy(event)) this.#policy = foldActivation(this.#policy, event);
    const { commandId } = event.data;
    if (commandId === undefined) return;
    for (const listener of this.#listeners) listener({ ...event, commandId });
  }

  #add(artifact: PublishedArtifact, at: number): void {
    if (!this.#publishedAt.has(titleOf(artifact))) this.#publishedAt.set(titleOf(artifact), at);
    this.#byHash.set(artifact.hash, artifact);
    const key = `${artifact.kind}:${artifact.name}`;
    const versions = (this.#byName.get(key) ?? []).filter(({ version }) => version !== artifact.version);
    this.#byName.set(
      key,
      [...versions, artifact].sort((a, b) => a.version - b.version),
    );
  }
}

const titleOf = ({ kind, name, version }: Pick<PublishedArtifact, 'kind' | 'name' | 'version'>): string =>
  `${kind}:${name}@${version}`;
