import type { TopicMessage } from '@interlock/actors';
import type { approvalLifeEvents, MessageOf, PolicyEvent, RunEvent } from '@interlock/contracts';
import type { CoreBus } from '../cores/core.bus.js';

type ApprovalMessage = MessageOf<(typeof approvalLifeEvents)[number]>;

/** What each topic of the run holds: the catalogue of the topic has checked every message. */
interface TopicMessages {
  readonly 'run.events': RunEvent;
  readonly 'policy.events': PolicyEvent;
  readonly 'approval.events': ApprovalMessage;
}

/** Reads a topic of the bus as somebody outside does: each message once. */
export class LogReader<Name extends keyof TopicMessages> {
  #position = 0;

  constructor(
    private readonly bus: CoreBus,
    private readonly topic: Name,
  ) {}

  next(): readonly TopicMessage<TopicMessages[Name]>[] {
    const messages = this.bus.log(this.topic).slice(this.#position);
    this.#position += messages.length;
    // The catalogue of the topic has checked each of them.
    return messages as unknown as readonly TopicMessage<TopicMessages[Name]>[];
  }
}
