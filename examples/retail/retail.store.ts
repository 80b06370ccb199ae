import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Change, Order, Product, Records, Refusal, RetailData, User } from './desk/records.ts';
import { isRefusal } from './desk/records.ts';

type Kind = 'orders' | 'users' | 'products';

/** One key, and all that was ever asked under it. */
export interface StoredWrite {
  readonly key: string;
  readonly tool: string;
  readonly arguments: unknown;
  /** Undefined: it was refused, and nothing changed. */
  readonly change?: Change;
  readonly refusal?: Refusal;
  /** How often it was asked for under this key. */
  readonly requests: number;
  /** Of the first request, UTC ms. */
  readonly at: number;
}

/** A key came with another request than the first time. */
export class KeyReusedError extends Error {
  readonly code = 'retail.key_reused';
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 10000;
  CREATE TABLE IF NOT EXISTS records (
    kind TEXT, id TEXT, document TEXT NOT NULL, PRIMARY KEY (kind, id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS writes (
    key TEXT PRIMARY KEY, tool TEXT NOT NULL, arguments TEXT NOT NULL, answer TEXT NOT NULL,
    requests INTEGER NOT NULL, at INTEGER NOT NULL
  );
`;

/**
 * What the shop keeps, in one SQLite file that several processes may use at a time. A write and the key it was made under are one
 * transaction, synced to disk before anybody is told: under one key a write happens once, whoever is killed and whoever asks again.
 */
export class RetailStore implements Records {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Opens the store in a directory; an empty one is filled with `initial()`. */
  static open(directory: string, initial: () => RetailData): RetailStore {
    mkdirSync(directory, { recursive: true });
    const database = new DatabaseSync(join(directory, 'retail.sqlite'));
    database.exec(SCHEMA);
    const store = new RetailStore(database);
    if (store.#isEmpty()) store.#atomically(() => store.#isEmpty() && store.#fill(initial()));
    return store;
  }

  order = (id: string): Order | undefined => this.#record('orders', id);
  user = (id: string): User | undefined => this.#record('users', id);
  product = (id: string): Product | undefined => this.#record('products', id);
  users = (): Iterable<User> => this.#records('users');
  products = (): Iterable<Product> => this.#records('products');

  /**
   * Decides and changes in one transaction. Asked again under the same key it gives the answer it has given.
   * @throws {KeyReusedError} the key stands for another request
   */
  write(
    { key, tool, arguments: given }: Pick<StoredWrite, 'key' | 'tool' | 'arguments'>,
    decide: (records: Records) => Change | Refusal,
  ): Change | Refusal {
    const asked = JSON.stringify(given);
    return this.#atomically(() => {
      const earlier = this.#database.prepare('SELECT * FROM writes WHERE key = ?').get(key);
      if (earlier !== undefined) {
        if (earlier.tool !== tool || earlier.arguments !== asked) {
          throw new KeyReusedError(`key ${key} stands for another request`);
        }
        this.#database.prepare('UPDATE writes SET requests = requests + 1 WHERE key = ?').run(key);
        return JSON.parse(String(earlier.answer));
      }
      const answer = decide(this);
      if (!isRefusal(answer)) this.#put(answer);
      this.#database
        .prepare('INSERT INTO writes VALUES (?, ?, ?, ?, 1, ?)')
        .run(key, tool, asked, JSON.stringify(answer), Date.now());
      return answer;
    });
  }

  /** Every key so far, oldest first. */
  writes(): StoredWrite[] {
    const rows = this.#database.prepare('SELECT * FROM writes ORDER BY rowid').all();
    return rows.map(({ key, tool, arguments: asked, answer, requests, at }) => {
      const answered = JSON.parse(String(answer)) as Change | Refusal;
      return {
        key: String(key),
        tool: String(tool),
        arguments: JSON.parse(String(asked)),
        ...(isRefusal(answered) ? { refusal: answered } : { change: answered }),
        requests: Number(requests),
        at: Number(at),
      };
    });
  }

  data(): RetailData {
    const all = (kind: Kind) => {
      const rows = this.#database.prepare('SELECT id, document FROM records WHERE kind = ?').all(kind);
      return Object.fromEntries(rows.map(({ id, document }) => [String(id), JSON.parse(String(document))]));
    };
    return { products: all('products'), users: all('users'), orders: all('orders') };
  }

  /** Puts every record back to what it is in `data`. Keys are kept: what was done under them is not done again. */
  reset(data: RetailData): void {
    this.#atomically(() => {
      this.#database.exec('DELETE FROM records');
      this.#fill(data);
    });
  }

  close(): void {
    this.#database.close();
  }

  #record<T>(kind: Kind, id: string): T | undefined {
    const row = this.#database
      .prepare('SELECT document FROM records WHERE kind = ? AND id = ?')
      .get(kind, id);
    return row === undefined ? undefined : JSON.parse(String(row.document));
  }

  #records<T>(kind: Kind): T[] {
    const rows = this.#database.prepare('SELECT document FROM records WHERE kind = ? ORDER BY id').all(kind);
    return rows.map(({ document }) => JSON.parse(String(document)));
  }

  #put({ order, user }: Change): void {
    if (order !== undefined) this.#store('orders', order.order_id, order);
    if (user !== undefined) this.#store('users', user.user_id, user);
  }

  #store(kind: Kind, id: string, document: unknown): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?)')
      .run(kind, id, JSON.stringify(document));
  }

  #isEmpty = (): boolean => this.#database.prepare('SELECT 1 FROM records LIMIT 1').get() === undefined;

  #fill(data: RetailData): void {
    for (const kind of ['orders', 'users', 'products'] as const) {
      for (const [id, document] of Object.entries(data[kind])) this.#store(kind, id, document);
    }
  }

  #atomically<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
