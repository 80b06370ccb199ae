import {
  AuthorityRefusedError,
  checkSigned,
  requestIn,
  type Secrets,
  signingKeyIn,
  type WebhookJudge,
} from '@interlock/authority';
import { parseDuration, readValue, triggerDocument, triggerIdentity } from '@interlock/contracts';
import { triggered } from '@interlock/language';
import { acceptingTrigger, type Triggers } from './accepting.trigger.js';
import { isSame, made } from './trigger.command.js';

/** What lies between the gateway, which has checked the same, and the broker’s stamp on the command. */
const GRACE_MS = 10_000;

/**
 * Takes nobody’s word for what an event leads to: checks its signature, and makes of it what its trigger says, anew.
 * @param secrets by the names that triggers give
 */
export function webhookJudge(artifacts: Triggers, secrets: Secrets, now: () => number): WebhookJudge {
  return (message, webhook, at) => {
    const artifact = acceptingTrigger(artifacts, webhook, { at, now: now(), code: 'authority.webhook' });
    const document = triggerDocument.parse(artifact.document);
    const { enabled, secret } = document;
    if (!enabled || secret === undefined)
      throw refused(`the trigger ${artifact.name} is not enabled, or takes no signed requests`);
    const key = signingKeyIn(secrets, secret);
    if (key === undefined)
      throw refused(`${secret}, the key of the trigger ${artifact.name}, is not set here, or too short`);
    const request = requestIn(webhook);
    checkSigned(request, key, at, (parseDuration(document.window) ?? 0) + GRACE_MS);
    const by = triggerIdentity(artifact.by, document.tenant);
    const event = readValue(Buffer.from(request.body).toString('utf8'));
    if (!event.ok) throw refused('its body is not JSON');
    const what = made(() => triggered(artifact.name, document, event.value, request.id), 'authority.webhook');
    if (!isSame(message, what, by, artifact.name))
      throw refused(`the command is not what the trigger ${artifact.name} makes of the event`);
    return by;
  };
}

const refused = (why: string) => new AuthorityRefusedError('authority.webhook', why);
