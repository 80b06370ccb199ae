import kafkajs from 'kafkajs';
import { assign, type MemberState } from './group.assignment.js';
import type { JoinedGroup, Node } from './wire.js';

/** Named on the wire; all members of a group must speak the same one. */
const PROTOCOL = 'interlock-sticky-1';
const VERSION = 1;
const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

export interface Identity {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

/** First half of a round: says what is held, and waits until all members have. */
export function joinGroup(
  node: Node,
  identity: Identity,
  { memberId, holds, generation }: MemberState,
): Promise<JoinedGroup> {
  return node.joinGroup({
    groupId: identity.groupId,
    sessionTimeout: identity.sessionTimeoutMs,
    rebalanceTimeout: identity.rebalanceTimeoutMs,
    memberId,
    groupProtocols: [{ name: PROTOCOL, metadata: encodeState(identity.topics, holds, generation) }],
  });
}

/** Second half: the member that leads computes for all, and everyone is told what to hold. */
export async function syncGroup(
  node: Node,
  identity: Identity,
  joined: JoinedGroup,
): Promise<readonly number[]> {
  const { memberAssignment } = await node.syncGroup({
    groupId: identity.groupId,
    generationId: joined.generationId,
    memberId: joined.memberId,
    groupAssignment: joined.leaderId === joined.memberId ? assignments(identity, joined) : [],
  });
  return MemberAssignment.decode(memberAssignment)?.assignment[identity.topics[0] ?? ''] ?? [];
}

function assignments({ topics, partitions }: Identity, { members }: JoinedGroup) {
  const given = assign(members.map(decodeState), partitions);
  return [...given].map(([memberId, list]) => {
    // Every topic gets the same numbers. Written out in Kafka's own form, so that its tools can show who reads what.
    const assignment = Object.fromEntries(topics.map((topic) => [topic, [...list]]));
    return {
      memberId,
      memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
    };
  });
}

function encodeState(topics: readonly string[], holds: readonly number[], generation: number): Buffer {
  const userData = Buffer.from(JSON.stringify({ holds, generation }));
  return MemberMetadata.encode({ version: VERSION, topics: [...topics], userData });
}

function decodeState({ memberId, memberMetadata }: JoinedGroup['members'][number]): MemberState {
  const metadata = MemberMetadata.decode(memberMetadata);
  const { holds, generation } = JSON.parse(metadata?.userData.toString() ?? '') as Omit<
    MemberState,
    'memberId'
  >;
  return { memberId, holds, generation };
}
