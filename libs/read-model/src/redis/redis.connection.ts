import { createHash } from 'node:crypto';
import { errorText } from '@interlock/contracts';
import { Redis } from 'ioredis';
import { ReadModelUnavailableError } from '../read-model.unavailable.js';
import { type ScriptName, scripts } from './read-model.scripts.js';

export type Reply = Buffer | number | null | readonly Reply[];
export type Argument = string | number | Uint8Array;

/** A command without an answer for so long is given up, and the connection with it. */
const ANSWER_MS = 5_000;
const CONNECT_MS = 2_000;

const digests = Object.fromEntries(
  Object.entries(scripts).map(([name, text]) => [name, createHash('sha1').update(text).digest('hex')]),
) as Readonly<Record<ScriptName, string>>;

/**
 * One connection to Redis, used until its first failure: it neither reconnects nor repeats. Whoever uses it makes a new one and
 * looks where the store stands, because what came back may be another server, or an older copy.
 */
export class RedisConnection {
  private constructor(
    readonly client: Redis,
    readonly place: string,
  ) {}

  /**
   * @param closed called once, when the connection has ended for any reason but `close`
   * @throws {ReadModelUnavailableError} it does not answer, refuses us, or may drop keys on its own
   */
  static async open(url: string, closed: (reason: string) => void): Promise<RedisConnection> {
    const place = placeOf(url);
    const client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      commandTimeout: ANSWER_MS,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      connectionName: 'interlock-gateway',
    });
    let cause: Error | undefined;
    client.on('error', (error: Error) => {
      cause = error;
    });
    const connection = new RedisConnection(client, place);
    try {
      await client.connect();
      await connection.#prepare();
    } catch (error) {
      client.disconnect();
      throw connection.unavailable(cause ?? error);
    }
    client.on('close', () => closed(connection.unavailable(cause ?? 'the connection ended').reason));
    return connection;
  }

  /** Runs a script on `key`. @throws {ReadModelUnavailableError} no answer, or a refusal: the connection is of no use any more */
  async run(script: ScriptName, key: string, args: readonly Argument[]): Promise<readonly Reply[]> {
    const bytes = args.map((arg) => (arg instanceof Uint8Array ? bufferOf(arg) : arg));
    try {
      const reply = await this.client.callBuffer('EVALSHA', [digests[script], 1, key, ...bytes]);
      return reply as readonly Reply[];
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  /** Deletes what begins with `prefix`, a little at a time. */
  async sweep(prefix: string): Promise<void> {
    let cursor = '0';
    do {
      const [next, keys] = await this.client.scan(cursor, 'MATCH', `${escaped(prefix)}*`, 'COUNT', 500);
      cursor = next;
      if (keys.length > 0) await this.client.unlink(...keys);
    } while (cursor !== '0');
  }

  close(): void {
    this.client.removeAllListeners('close');
    this.client.disconnect();
  }

  unavailable(cause: unknown): ReadModelUnavailableError {
    const detail = errorText(cause);
    return new ReadModelUnavailableError(`Redis at ${this.place} is of no use now (${detail})`, { cause });
  }

  async #prepare(): Promise<void> {
    const [, policy] = /maxmemory_policy:(\S+)/.exec(await this.client.info('memory')) ?? [];
    if (policy?.startsWith('allkeys')) {
      throw new Error(`its maxmemory-policy is ${policy}, which drops rows; set noeviction`);
    }
    for (const text of Object.values(scripts)) await this.client.script('LOAD', text);
  }
}

/** Without the password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return pathname === '/' ? host : host + pathname;
}

const escaped = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&');
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
