import { AuthorityRefusedError } from '@interlock/authority';
import {
  commandIdOfKey,
  hashOf,
  type Identity,
  type Message,
  ReplyToQuestion,
  SignalRun,
  StartRun,
} from '@interlock/contracts';
import { ExpressionError, TopicEventError, type Triggered } from '@interlock/language';

type Code = 'authority.webhook' | 'authority.topic';

/**
 * What a trigger makes of an event.
 * @throws {AuthorityRefusedError} nothing
 */
export function made(work: () => Triggered, code: Code): Triggered {
  try {
    return work();
  } catch (error) {
    const isTheirs = error instanceof ExpressionError || error instanceof TopicEventError;
    throw isTheirs ? new AuthorityRefusedError(code, error.message) : error;
  }
}

/** Whether the command is the one that follows, in every field that an event decides. */
export function isSame({ type, data }: Message, what: Triggered, by: Identity, trigger: string): boolean {
  if (type === ReplyToQuestion.type && what.kind === 'answer') {
    const said = ReplyToQuestion.schema.parse(data);
    const { runId, question, text, key } = what;
    const isNamed = said.runId === runId && said.commandId === commandIdOfKey(by, runId, key);
    return isNamed && said.trigger === trigger && said.question === question && said.text === text;
  }
  if (type === StartRun.type && what.kind === 'start') {
    const { key, workflow, input } = StartRun.schema.parse(data);
    const { version = workflow.version } = what;
    const isNamed = key === what.key && workflow.name === what.workflow && workflow.version === version;
    return isNamed && hashOf(input ?? null) === hashOf(what.input ?? null);
  }
  if (type !== SignalRun.type || what.kind !== 'signal') return false;
  const { runId, commandId, name, data: told } = SignalRun.schema.parse(data);
  const isNamed =
    runId === what.runId && name === what.name && commandId === commandIdOfKey(by, runId, what.key);
  return isNamed && hashOf(told ?? null) === hashOf(what.data ?? null);
}
