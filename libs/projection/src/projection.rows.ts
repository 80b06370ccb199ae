import type { Projection, ReadableRecord } from './projection.js';

/** The rows of a projection in memory. */
export class ProjectionRows<Event, Row, Output = never> {
  /** In the order in which they moved: the latest is last. */
  readonly #rows = new Map<string, Row>();

  /** @param emit gets what the projection tells others */
  constructor(
    readonly projection: Projection<Event, Row, Output>,
    private readonly emit: (output: Output) => void = () => undefined,
  ) {}

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /**
   * Takes the next record of a partition. Answers with the keys of the rows that have moved, each once.
   * @throws what the projection throws on a broken record; the rows are then as they were before that part
   */
  take(record: ReadableRecord): ReadonlySet<string> {
    return new Set(this.projection.read(record).map((event) => this.apply(event)));
  }

  /** Takes an event. Answers with the key of its row. */
  apply(event: Event): string {
    const { projection } = this;
    const key = projection.key(event);
    const row = projection.apply(this.#rows.get(key), event, this.emit);
    this.#rows.delete(key);
    if (row !== undefined) this.#rows.set(key, row);
    const { rowsMax = Number.POSITIVE_INFINITY } = projection;
    if (this.#rows.size > rowsMax) this.#forgetOldest();
    return key;
  }

  delete(key: string): void {
    this.#rows.delete(key);
  }

  #forgetOldest(): void {
    const [oldest] = this.#rows.keys();
    if (oldest !== undefined) this.#rows.delete(oldest);
  }
}
