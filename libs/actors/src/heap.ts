/** A binary heap: the item that comes first by `isBefore` lies on top. */
export class Heap<Item extends object> {
  readonly #items: Item[] = [];

  constructor(readonly isBefore: (item: Item, other: Item) => boolean) {}

  get size(): number {
    return this.#items.length;
  }

  /** undefined: it is empty. */
  first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    const items = this.#items;
    let place = items.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !this.isBefore(item, parent)) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  }

  /** Takes the first one out. */
  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** Puts the item where the first one was, and lets it sink to its place. */
  #sink(item: Item): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = items[below];
      const right = items[below + 1];
      if (child !== undefined && right !== undefined && this.isBefore(right, child)) {
        below += 1;
        child = right;
      }
      if (child === undefined || !this.isBefore(child, item)) break;
      items[place] = child;
      place = below;
    }
    items[place] = item;
  }
}
