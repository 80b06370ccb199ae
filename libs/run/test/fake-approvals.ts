import type { Input } from '@interlock/actors';
import {
  ApprovalDenied,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalOpened,
  ApprovalReminded,
  type ApprovalRequested,
  type ApprovalRequirement,
  ApprovalVoted,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
  type CallRequested,
  type CastVoteRecord,
  isQuorum,
  type MessageOf,
} from '@interlock/contracts';
import { dual, fay, fin, fromApproval, lea, single } from './approval-scenario.js';
import type { RunScenario } from './run-scenario.js';

type Requested = MessageOf<typeof ApprovalRequested>['data'];
type RequestedCall = MessageOf<typeof CallRequested>['data'];

/** Policy's demands and the people who meet them: whatever they say, in any order, and what that permits an executor to do. */
export class FakeApprovals {
  /** What policy demands of a call from now on. */
  readonly #demands = new Map<string, ApprovalRequirement>();
  /** What it demanded of a request when the executor performed it. */
  readonly #performed = new Map<string, ApprovalRequirement | undefined>();
  readonly #votes = new Map<string, readonly CastVoteRecord[]>();
  readonly #settled = new Set<string>();
  #commands = 0;

  constructor(readonly scenario: () => RunScenario) {}

  get requests(): Requested[] {
    return this.scenario()
      .events.filter(({ type }) => type === 'approval.requested')
      .map(({ data }) => data as Requested);
  }

  /** Not answered yet, whether or not the run still wants them. */
  get open(): Requested[] {
    return this.requests.filter(({ approvalId }) => !this.#settled.has(approvalId));
  }

  /** The first time one person has to agree, after that two. */
  demandMore(callHash: string): void {
    this.#demands.set(callHash, this.#demands.has(callHash) ? dual : single);
  }

  demandOf(requestId: string, callHash: string): ApprovalRequirement | undefined {
    return this.#performed.has(requestId) ? this.#performed.get(requestId) : this.#demands.get(callHash);
  }

  /** Whether an executor performs this request. */
  mayPerform(requestId: string, { callHash, approvalId, principal, shapedBy = [] }: RequestedCall): boolean {
    const demand = this.demandOf(requestId, callHash);
    const votes = approvalId === undefined ? [] : (this.#votes.get(approvalId) ?? []);
    return (
      demand === undefined ||
      isQuorum(demand, votes, { callHash, shapedBy: [principal.requester, ...shapedBy] })
    );
  }

  performs(requestId: string, { callHash }: RequestedCall): void {
    this.#performed.set(requestId, this.#demands.get(callHash));
  }

  /** What somebody says about a request; undefined: nothing more is to be said. */
  say(request: Requested, variant: number): Input | undefined {
    const noise = this.#noise(request, variant);
    if (noise !== undefined) return noise;
    return this.#settled.has(request.approvalId) ? undefined : this.#settle(request, variant);
  }

  #noise({ subject: { generation }, ...shown }: Requested, variant: number): Input | undefined {
    const { approvalId, callHash } = shown;
    this.#commands += 1;
    const cast = {
      approvalId,
      commandId: `vote-${this.#commands}`,
      by: lea,
      vote: 'approve',
      callHash,
      reason: '',
    } as const;
    switch (variant) {
      case 0:
      case 1:
        return fromApproval(
          ApprovalOpened({ ...shown, generation, expiresAt: this.scenario().now + 86_400_000 }),
        );
      case 2:
        return fromApproval(ApprovalVoted(cast));
      case 3:
        return fromApproval(ApprovalVoteRefused({ ...cast, code: 'settled', message: 'late' }));
      case 4:
        return fromApproval(ApprovalReminded({ approvalId }));
      default:
        return undefined;
    }
  }

  #settle({ approvalId, callHash, requirement }: Requested, variant: number): Input {
    this.#settled.add(approvalId);
    switch (variant) {
      case 5:
        return fromApproval(ApprovalDenied({ approvalId, by: lea, reason: 'no' }));
      case 6:
        return fromApproval(ApprovalExpired({ approvalId, onExpiry: 'deny' }));
      case 7:
        return fromApproval(ApprovalExpired({ approvalId, onExpiry: 'fallback' }));
      case 8:
        return fromApproval(ApprovalWithdrawn({ approvalId, because: 'dice' }));
      default: {
        // 9: one vote less than needed, which only a broken approval service would take for a grant.
        const people = (requirement.kind === 'dual' ? [fin, fay] : [lea]).slice(variant === 9 ? 1 : 0);
        const votes = people.map(
          (by) => ({ by, vote: 'approve', callHash, at: this.scenario().now, reason: '' }) as const,
        );
        this.#votes.set(approvalId, votes);
        return fromApproval(ApprovalGranted({ approvalId, callHash, votes }));
      }
    }
  }
}
