import { type Answer, EgressGuard } from '@interlock/egress';
import { familyNamed, hashOfAddress, isHash, nameOfFamily } from '../address.js';
import {
  type StoredEntry,
  StoreUnavailableError,
  type ValueAddress,
  type ValueStore,
} from '../value.store.js';
import { type Listed, listed } from './list.objects.js';
import type { S3Place } from './s3.place.js';
import { signed } from './sign.js';

/** Of one answer: the largest value, and what lists are. */
const BYTES_MAX = 80 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** Larger than every hash, as names are sorted. */
const BEHIND_ALL = '~';

/** A bucket of a service that speaks S3: an object a value, `PREFIX/FAMILY/HASH`. */
export class S3Store implements ValueStore {
  readonly #guard: EgressGuard;

  constructor(private readonly place: S3Place) {
    const { hostname, port, protocol } = new URL(place.endpoint);
    const entry = `${hostname}:${port === '' ? (protocol === 'http:' ? 80 : 443) : port}`;
    this.#guard = new EgressGuard({ allow: [entry], bytesMax: BYTES_MAX, timeoutMs: TIMEOUT_MS });
  }

  async put(at: ValueAddress, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const hash = hashOfAddress(at);
    const headers = { 'content-type': 'application/json', 'x-amz-content-sha256': hash };
    await this.#ask('PUT', this.#keyOf(at), { body: bytes, headers, signal });
  }

  async get(at: ValueAddress, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const answer = await this.#ask('GET', this.#keyOf(at), { signal, orAbsent: true });
    return answer.status === 404 ? undefined : answer.body;
  }

  async families(after: string | undefined, max: number): Promise<readonly string[]> {
    const { prefix } = this.place;
    const query: Record<string, string> = { prefix, delimiter: '/', 'max-keys': String(max) };
    if (after !== undefined) query['start-after'] = `${prefix}${nameOfFamily(after)}/${BEHIND_ALL}`;
    const { folders } = await this.#list(query);
    return folders.map((folder) => familyNamed(folder.slice(prefix.length, -1)));
  }

  async list(family: string): Promise<readonly StoredEntry[]> {
    const prefix = this.#folderOf(family);
    const found: StoredEntry[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const page: Listed = await this.#list({ prefix, ...(next !== '' && { 'continuation-token': next }) });
      for (const { key, size, writtenAt } of page.objects) {
        const hash = key.slice(prefix.length);
        if (isHash(hash)) found.push({ family, hash, size, writtenAt });
      }
      next = page.next;
    }
    return found;
  }

  async remove(at: ValueAddress): Promise<void> {
    await this.#ask('DELETE', this.#keyOf(at), { orAbsent: true });
  }

  async check(): Promise<void> {
    await this.#list({ prefix: this.place.prefix, 'max-keys': '1' });
  }

  #folderOf(family: string): string {
    return `${this.place.prefix}${nameOfFamily(family)}/`;
  }

  #keyOf(at: ValueAddress): string {
    return `${this.#folderOf(at.family)}${hashOfAddress(at)}`;
  }

  async #list(query: Readonly<Record<string, string>>): Promise<Listed> {
    const { body } = await this.#ask('GET', '', { query: { 'list-type': '2', ...query } });
    return listed(new TextDecoder().decode(body));
  }

  async #ask(
    method: string,
    key: string,
    { query, body, headers, signal, orAbsent }: Asked,
  ): Promise<Answer> {
    const { endpoint, bucket } = this.place;
    const url = new URL(`${endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    try {
      const request = await signed({ method, url: url.href, headers, body }, this.place);
      const answer = await this.#guard.request(request.url, {
        method,
        headers: request.headers,
        ...(body !== undefined && { body }),
        ...(signal !== undefined && { signal }),
      });
      const isTaken =
        answer.status < 300 || (orAbsent === true && answer.status === 404 && !hasNoBucket(answer));
      if (isTaken) return answer;
      throw new StoreUnavailableError(`${method} ${url.host}/${bucket}: ${answer.status} ${codeIn(answer)}`);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new StoreUnavailableError(`${method} ${url.host}/${bucket}: ${why}`, { cause: error });
    }
  }
}

interface Asked {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** An object that is not there is no failure. */
  readonly orAbsent?: true;
}

/** A bucket that is not there is not an object that is not there. */
const hasNoBucket = (answer: Answer): boolean => codeIn(answer) === 'NoSuchBucket';

const codeIn = ({ body, statusText }: Answer): string =>
  /<Code>([A-Za-z]{1,80})<\/Code>/.exec(new TextDecoder().decode(body.subarray(0, 2_000)))?.[1] ?? statusText;
