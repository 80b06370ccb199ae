import { setTimeout as sleep } from 'node:timers/promises';
import { errorOf } from '@interlock/contracts';
import { type Identity, joinGroup, syncGroup } from './group.protocol.js';
import type { Link } from './link.js';
import { isStale, type Node, protocolError } from './wire.js';

export interface GroupListener {
  assigned(partition: number): void;
  revoked(partition: number): Promise<void>;
  failed(error: Error): void;
}

const HEARTBEAT_MS = 500;
const REVOKE_WITHIN_MS = 10_000;
const LEAVE_WITHIN_MS = 2_000;
const UNREACHABLE_FOR_MS = 60_000;
const RETRY_MS = 100;

/** Answers that only mean: join again. */
const REJOIN: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
]);

/**
 * Membership of a Kafka consumer group: joins, sends heartbeats whatever the fetching does, and joins again on every change.
 * Offsets are not its business.
 */
export class GroupSession {
  readonly #holds = new Set<number>();
  readonly #stopped = new AbortController();
  #memberId = '';
  #generation = -1;
  #inSession = false;
  #wasInSession = false;
  #failingSinceMs: number | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly link: Link,
    private readonly identity: Identity,
    private readonly listener: GroupListener,
  ) {}

  start(): void {
    this.#running = this.#run();
  }

  /** The group has answered once; what it gave then is held until it says otherwise. */
  get isAssigned(): boolean {
    return this.#wasInSession;
  }

  /** Who commits; undefined while a change is under way. */
  get committer(): { memberId: string; generation: number } | undefined {
    return this.#inSession ? { memberId: this.#memberId, generation: this.#generation } : undefined;
  }

  /** Lets go of everything, then leaves the group, so that the others need not wait for the session to run out. */
  async leave(): Promise<void> {
    if (this.#stopped.signal.aborted) return this.#running;
    this.#stopped.abort();
    // A join waits at the server for the other members; cutting the connection is the only way out of it.
    if (!this.#inSession) this.link.drop();
    await this.#running;
    await this.#letGo([...this.#holds]);
    if (this.#memberId !== '') await this.#leaveGroup().catch(() => undefined);
    this.link.close();
  }

  /** Ends without a word to the group, which notices when the session runs out. */
  abandon(): void {
    this.#stopped.abort();
    this.link.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#round();
      } catch (error) {
        this.#inSession = false;
        if (this.#stopped.signal.aborted) return;
        if (!(await this.#recovered(error))) return this.#fail(error);
      }
    }
  }

  /** Joins, follows the assignment, and returns when there is a reason to join again. */
  async #round(): Promise<void> {
    const cluster = await this.link.open(this.identity.topics);
    const node = await cluster.findGroupCoordinator({ groupId: this.identity.groupId });
    const state = { memberId: this.#memberId, holds: [...this.#holds], generation: this.#generation };
    const joined = await joinGroup(node, this.identity, state);
    // Known from here on: a member whose id is forgotten stays in the group until its session runs out.
    this.#memberId = joined.memberId;
    const assigned = await syncGroup(node, this.identity, joined);
    this.#generation = joined.generationId;
    this.#failingSinceMs = undefined;
    if (this.#stopped.signal.aborted) return;
    this.#inSession = true;
    this.#wasInSession = true;
    const lost = [...this.#holds].filter((partition) => !assigned.includes(partition));
    for (const partition of assigned) this.#take(partition);
    if (lost.length > 0) await this.#letGoInSession(node, lost);
    else await this.#untilChange(node);
    this.#inSession = false;
  }

  #take(partition: number): void {
    if (this.#holds.has(partition)) return;
    this.#holds.add(partition);
    this.listener.assigned(partition);
  }

  /** Bounded: a member that does not let go must not hold up the group. If two write then, the log accepts only one. */
  async #letGo(partitions: readonly number[]): Promise<void> {
    const done = Promise.allSettled(partitions.map(async (partition) => this.listener.revoked(partition)));
    const late = new AbortController();
    await Promise.race([done, sleep(REVOKE_WITHIN_MS, undefined, { signal: late.signal })]);
    late.abort();
    for (const partition of partitions) this.#holds.delete(partition);
  }

  /** Whatever the server answers meanwhile can wait: the next thing is to join again anyway. */
  async #letGoInSession(node: Node, partitions: readonly number[]): Promise<void> {
    const beating = setInterval(() => void this.#heartbeat(node).catch(() => undefined), HEARTBEAT_MS);
    await this.#letGo(partitions);
    clearInterval(beating);
  }

  /** Ends by throwing: what the server wants, or that the member leaves. */
  async #untilChange(node: Node): Promise<never> {
    for (;;) {
      await sleep(HEARTBEAT_MS, undefined, { signal: this.#stopped.signal });
      await this.#heartbeat(node);
    }
  }

  async #heartbeat(node: Node): Promise<void> {
    const { groupId } = this.identity;
    await node.heartbeat({ groupId, groupGenerationId: this.#generation, memberId: this.#memberId });
    this.#failingSinceMs = undefined;
  }

  /** Whether joining again makes sense; waits a moment where it would come too early. */
  async #recovered(error: unknown): Promise<boolean> {
    const type = protocolError(error);
    if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    if (type === 'REBALANCE_IN_PROGRESS') return true;
    if (type !== undefined && !REJOIN.has(type) && !isStale(type)) return false;
    this.#failingSinceMs ??= performance.now();
    if (performance.now() - this.#failingSinceMs > UNREACHABLE_FOR_MS) return false;
    if (type === undefined || isStale(type)) await this.link.recover(error);
    await sleep(RETRY_MS);
    return true;
  }

  #fail(error: unknown): void {
    this.abandon();
    this.listener.failed(errorOf(error));
  }

  async #leaveGroup(): Promise<void> {
    const { groupId, topics } = this.identity;
    const leave = async () => {
      const cluster = await this.link.open(topics);
      const node = await cluster.findGroupCoordinator({ groupId });
      await node.leaveGroup({ groupId, memberId: this.#memberId });
    };
    await Promise.race([leave(), sleep(LEAVE_WITHIN_MS, undefined, { ref: false })]);
  }
}
