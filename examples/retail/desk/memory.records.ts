import type { Change, Order, Product, Records, RetailData, User } from './records.ts';

/** What the shop keeps, in memory. */
export class MemoryRecords implements Records {
  readonly #orders: Map<string, Order>;
  readonly #users: Map<string, User>;
  readonly #products: Map<string, Product>;

  constructor(data: RetailData) {
    this.#orders = new Map(Object.entries(data.orders));
    this.#users = new Map(Object.entries(data.users));
    this.#products = new Map(Object.entries(data.products));
  }

  order = (id: string): Order | undefined => this.#orders.get(id);
  user = (id: string): User | undefined => this.#users.get(id);
  product = (id: string): Product | undefined => this.#products.get(id);
  users = (): Iterable<User> => this.#users.values();
  products = (): Iterable<Product> => this.#products.values();

  apply({ order, user }: Change): void {
    if (order !== undefined) this.#orders.set(order.order_id, order);
    if (user !== undefined) this.#users.set(user.user_id, user);
  }

  data(): RetailData {
    return {
      products: Object.fromEntries(this.#products),
      users: Object.fromEntries(this.#users),
      orders: Object.fromEntries(this.#orders),
    };
  }
}
