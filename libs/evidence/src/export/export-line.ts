/** An accepted record of a run as it is stored. */
export interface RecordBytes {
  /** Of the record: the root run. */
  readonly key: string;
  /** `type/version` of each event of the record, joined by commas: the text of the `t` header. */
  readonly wire: string;
  /** The `m` header. */
  readonly meta: Uint8Array;
  /** The `h` header: previous hash and own hash, 64 bytes. */
  readonly link: Uint8Array;
  readonly value: Uint8Array;
}

/** One record of an export, which holds one decision: the bytes, and a readable copy of the metadata beside them. */
export interface RecordLine {
  readonly key: string;
  readonly type: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly metaBase64: string;
  readonly dataBase64: string;
  readonly hash: string;
  /** Hash of the record it was written behind. `hash` covers it already; it shows which of two neighbours is the wrong one. */
  readonly previous?: string;
}

const HASH_BYTES = 32;

export const recordLine = ({ key, wire, meta, link, value }: RecordBytes): RecordLine => ({
  key,
  type: wire,
  meta: JSON.parse(bufferOf(meta).toString('utf8')),
  metaBase64: bufferOf(meta).toString('base64'),
  dataBase64: bufferOf(value).toString('base64'),
  hash: bufferOf(link.subarray(HASH_BYTES)).toString('hex'),
  previous: bufferOf(link.subarray(0, HASH_BYTES)).toString('hex'),
});

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
