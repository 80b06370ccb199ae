import { randomUUID } from 'node:crypto';
import { EVERY_TENANT } from '@interlock/contracts';
import type { InputPosition } from '@interlock/projection';
import type { ApprovalRecord } from '../approval.fold.js';
import { parseApprovalCursor } from '../approval-queries.js';
import type { DecisionPlace } from '../decision.js';
import { READ_BYTES_MAX } from '../page.bytes.js';
import type { ApprovalsRequest, Reach } from '../read-model.js';
import { ReadModelUnavailableError } from '../read-model.unavailable.js';
import type { RunRow } from '../read-store.js';
import type { StoredRuns } from '../run.histories.js';
import type { Drive } from '../search/drive.js';
import type { RunIndexes } from '../search/run.search.js';
import type { LoadedRun } from './preloaded.store.js';
import type { ScriptName } from './read-model.scripts.js';
import { parseElement, parsePosition, type RedisBatch } from './redis.batch.js';
import { type Argument, RedisConnection, type Reply } from './redis.connection.js';
import { driveIndex, isKept } from './redis.indexes.js';

/** Raised when keys, rows or views change: another version is another read model, beside this one. */
const SCHEMA_VERSION = 7;
const KEY = `interlock:read-model:${SCHEMA_VERSION}`;

export type Positions = ReadonlyMap<string, InputPosition>;

/**
 * The rows of one generation of the read model in Redis, over one connection. A flush, or another log, begins a new generation.
 * Every method throws ReadModelUnavailableError when Redis does not answer, or when the generation is no longer the one that counts.
 */
export class RedisStore implements StoredRuns {
  private constructor(
    readonly connection: RedisConnection,
    readonly generation: string,
  ) {}

  /** @param closed called when the connection has ended */
  static async open(url: string, closed: (reason: string) => void): Promise<RedisStore> {
    const connection = await RedisConnection.open(url, closed);
    const [generation] = await connection.run('open', KEY, [randomUUID()]);
    return new RedisStore(connection, text(generation));
  }

  async positions(): Promise<Positions> {
    const [, found] = await this.#run('positions', []);
    return positionsOf(found);
  }

  /**
   * Stores a batch, unless all of it is stored already.
   * @returns the next offset stored of each of its inputs
   */
  async store({ args, inputs }: RedisBatch): Promise<ReadonlyMap<string, number>> {
    const [said, ...offsets] = await this.#run('store', args);
    if (text(said) === 'damaged') {
      await this.renew();
      throw new ReadModelUnavailableError('keys were missing in Redis; they are written anew from the log');
    }
    return new Map(inputs.map(({ name }, index) => [name, Number(offsets[index])]));
  }

  /** Of each run its row, if it has one, and the seq of its last event. */
  async stood(runIds: readonly string[]): Promise<Map<string, LoadedRun>> {
    if (runIds.length === 0) return new Map();
    const [, found] = await this.#run('runs', runIds);
    return new Map(
      list(found).map((fields, index) => {
        const [events, row] = list(fields);
        const run = runIds[index] ?? '';
        return [run, { row: rowOf(run, list(row)), lastSeq: Number(events) }];
      }),
    );
  }

  /** The rows there are. */
  async runs(runIds: readonly string[]): Promise<Map<string, RunRow>> {
    const stood = await this.stood(runIds);
    return new Map([...stood].flatMap(([runId, { row }]) => (row === undefined ? [] : [[runId, row]])));
  }

  async run(runId: string): Promise<RunRow | undefined> {
    return (await this.runs([runId])).get(runId);
  }

  async lastSeq(runId: string): Promise<number> {
    return (await this.stood([runId])).get(runId)?.lastSeq ?? 0;
  }

  async places(runId: string, after: number, limit: number): Promise<DecisionPlace[]> {
    const [, found] = await this.#run('places', [runId, after, limit]);
    const places: DecisionPlace[] = [];
    for (const [at, element] of list(found).entries()) {
      const place = parseElement(text(element), after + 1 + at);
      if (place.offset !== places.at(-1)?.offset) places.push(place);
    }
    return places;
  }

  async approval(approvalId: string): Promise<{ approval: ApprovalRecord; runSeq: number } | undefined> {
    const [, record, runSeq] = await this.#run('approval', [approvalId]);
    return record === undefined ? undefined : { approval: JSON.parse(text(record)), runSeq: Number(runSeq) };
  }

  /** All approvals of each run. */
  async approvalsOf(runIds: readonly string[]): Promise<Map<string, ApprovalRecord[]>> {
    if (runIds.length === 0) return new Map();
    const [, found] = await this.#run('approvals_of', runIds);
    return new Map(runIds.map((runId, index) => [runId, list(list(found)[index]).map(parsed)]));
  }

  /** The indexes of runs, as far as somebody may see what there is. */
  within(reach: Reach): RunIndexes {
    const indexOf = (drive: Drive) => `${wallOf(reach)}${driveIndex(drive)}`;
    return {
      sizes: async (drives) => {
        const kept = drives.filter(isKept);
        if (kept.length === 0) return drives.map(() => undefined);
        const [, found] = await this.#run('sizes', kept.map(indexOf));
        const sizes = list(found).map(Number);
        return drives.map((drive) => (isKept(drive) ? sizes[kept.indexOf(drive)] : undefined));
      },
      candidates: async (drive, before, from, limit) => {
        const args = [indexOf(drive), before?.started ?? '', before?.run ?? '', from ?? '', limit];
        const [, found] = await this.#run('candidates', args);
        return list(found).map((row) => {
          const [run, started, facets] = list(row);
          return { run: text(run), started: Number(started), facets: text(facets) };
        });
      },
      // What asks for words is refused before it comes here.
      holding: () => [],
    };
  }

  /** As many of them as are a little more than a page, in their order, and how far they are read. */
  async bodies(runIds: readonly string[]): Promise<[Positions, string[]]> {
    const [, positions, found] = await this.#run('bodies', [READ_BYTES_MAX, ...runIds]);
    return [positionsOf(positions), list(found).map(text)];
  }

  /** Newest first, one more than asked for when there are more. */
  async listApprovals(request: ApprovalsRequest): Promise<[Positions, ApprovalRecord[]]> {
    const { reach, status = '', role = '', runId, limit, cursor } = request;
    const before = cursor === undefined ? undefined : parseApprovalCursor(cursor);
    const index = runId === undefined ? approvalIndex(status, role) : `approvals:run:${runId}`;
    const filter = runId === undefined ? ['', ''] : [status, role];
    const args = [
      `${wallOf(reach)}${index}`,
      before?.opened ?? '',
      before?.approval ?? '',
      limit + 1,
      READ_BYTES_MAX,
      ...filter,
    ];
    const [, positions, found] = await this.#run('list_approvals', args);
    return [positionsOf(positions), list(found).map(parsed)];
  }

  /** Lets go of all rows: those of this generation are deleted by and by. */
  async renew(): Promise<void> {
    await this.#run('renew', [randomUUID()]);
  }

  /** Deletes what generations before this one have left. */
  async sweep(): Promise<void> {
    const { client } = this.connection;
    for (const generation of await client.smembers(`${KEY}:obsolete`)) {
      await this.connection.sweep(`${KEY}:${generation}:`);
      await client.srem(`${KEY}:obsolete`, generation);
    }
  }

  close(): void {
    this.connection.close();
  }

  async #run(script: ScriptName, args: readonly Argument[]): Promise<readonly Reply[]> {
    const reply = await this.connection.run(script, KEY, [this.generation, ...args]);
    if (text(reply[0]) !== 'lost') return reply;
    throw new ReadModelUnavailableError('what Redis held is gone; it is written anew from the log');
  }
}

/** What the indexes of one tenant begin with: its length stands in front, so that no tenant's name reaches into another's index. */
const wallOf = (reach: Reach): string =>
  reach === EVERY_TENANT ? '' : `of:${Buffer.byteLength(reach)}:${reach}:`;

function rowOf(run: string, fields: readonly Reply[]): RunRow | undefined {
  const [seq, tenant, status, workflow, started, request, facets, body] = fields;
  if (seq === null || seq === undefined) return undefined;
  return {
    run,
    seq: Number(seq),
    tenant: text(tenant),
    status: text(status),
    workflow: text(workflow),
    started: Number(started),
    request: text(request),
    facets: text(facets),
    body: text(body),
  };
}

const approvalIndex = (status: string, role: string): string => {
  if (status !== '' && role !== '') return `approvals:both:${status}:${role}`;
  if (status !== '') return `approvals:status:${status}`;
  return role === '' ? 'approvals' : `approvals:role:${role}`;
};

function positionsOf(flat: Reply | undefined): Positions {
  const texts = list(flat).map(text);
  const positions = new Map<string, InputPosition>();
  for (let at = 0; at < texts.length; at += 2) {
    positions.set(texts[at] ?? '', parsePosition(texts[at + 1] ?? ''));
  }
  return positions;
}

const list = (reply: Reply | undefined): readonly Reply[] => (Array.isArray(reply) ? reply : []);
const text = (reply: Reply | undefined): string => (Buffer.isBuffer(reply) ? reply.toString('utf8') : '');
const parsed = (reply: Reply): ApprovalRecord => JSON.parse(text(reply));
