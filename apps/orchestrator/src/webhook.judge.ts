import { AuthorityRefusedError, checkSigned, requestIn, type WebhookJudge } from '@interlock/authority';
import {
  commandIdOfKey,
  hashOf,
  type Identity,
  type Message,
  parseDuration,
  ReplyToQuestion,
  readValue,
  SignalRun,
  StartRun,
  triggerDocument,
  triggerIdentity,
} from '@interlock/contracts';
import { ExpressionError, type Triggered, triggered } from '@interlock/language';
import type { ArtifactView } from '@interlock/service';

/** What lies between the gateway, which has checked the same, and the broker’s stamp on the command. */
const GRACE_MS = 10_000;

/**
 * Takes nobody’s word for what an event leads to: checks its signature, and makes of it what its trigger says, anew.
 * @param secrets by the names that triggers give
 */
export function webhookJudge(
  artifacts: Pick<ArtifactView, 'get'>,
  secrets: Readonly<Record<string, string | undefined>>,
): WebhookJudge {
  return (message, webhook, at) => {
    const artifact = artifacts.get('trigger', webhook.trigger);
    if (artifact === undefined) throw refused('no such trigger is published');
    const document = triggerDocument.parse(artifact.document);
    const secret = secrets[document.secret];
    if (!document.enabled || secret === undefined || secret === '')
      throw refused(
        `the trigger ${artifact.name} is not enabled, or its key ${document.secret} is not set here`,
      );
    const request = requestIn(webhook);
    checkSigned(request, secret, at, (parseDuration(document.window) ?? 0) + GRACE_MS);
    const by = triggerIdentity(artifact.by, document.tenant);
    const event = readValue(Buffer.from(request.body).toString('utf8'));
    if (!event.ok) throw refused('its body is not JSON');
    if (
      !isSame(
        message,
        made(() => triggered(artifact.name, document, event.value, request.id)),
        by,
        artifact.name,
      )
    )
      throw refused(`the command is not what the trigger ${artifact.name} makes of the event`);
    return by;
  };
}

function made(work: () => Triggered): Triggered {
  try {
    return work();
  } catch (error) {
    throw error instanceof ExpressionError ? refused(error.message) : error;
  }
}

/** Whether the command is the one that follows, in every field that an event decides. */
function isSame({ type, data }: Message, what: Triggered, by: Identity, trigger: string): boolean {
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

const refused = (why: string) => new AuthorityRefusedError('authority.webhook', why);
