import { hasFields, type Message } from '@interlock/contracts';

/** What a person asks for over HTTP, as their client signs it. */
export interface ClientRequest {
  readonly method: string;
  /** With every part encoded as a URL has it. */
  readonly path: string;
  /** Without the commandId, which is signed for itself, and with every default written out. */
  readonly body: unknown;
}

/** Fields that the client does not send: who asked, when, and what the path says already. */
type Envelope = 'commandId' | 'by' | 'issuedAt' | 'runId' | 'approvalId' | 'activationId' | 'stopId';
type Data = Readonly<Record<string, unknown>>;

function withoutEnvelope(data: Data, ...names: readonly Envelope[]): Data {
  const left: ReadonlySet<string> = new Set(names);
  return Object.fromEntries(Object.entries(data).filter(([name]) => !left.has(name)));
}

const post = (path: string, body: unknown): ClientRequest => ({ method: 'POST', path, body });

/**
 * The request that a command was made from, rebuilt from the command alone: whoever acts on it checks the client's signature against
 * this, and so against what it is about to do. Undefined: clients do not sign it.
 */
export function requestOf({ type, data }: Message): ClientRequest | undefined {
  if (!hasFields(data)) return undefined;
  const fields = data;
  if (type === 'approval.vote') {
    const body = withoutEnvelope(fields, 'commandId', 'by', 'issuedAt', 'runId', 'approvalId');
    return post(`/v1/approvals/${encodeURIComponent(String(fields.approvalId))}/votes`, body);
  }
  if (type === 'policy.activate') {
    return post('/v1/policy/activations', withoutEnvelope(fields, 'commandId', 'by', 'issuedAt'));
  }
  if (type === 'policy.activation_vote') {
    const body = withoutEnvelope(fields, 'commandId', 'by', 'issuedAt', 'activationId');
    return post(`/v1/policy/activations/${encodeURIComponent(String(fields.activationId))}/votes`, body);
  }
  if (type === 'control.stop') {
    return post('/v1/control/stops', withoutEnvelope(fields, 'commandId', 'by', 'issuedAt'));
  }
  if (type === 'control.lift' || type === 'control.lift_vote') {
    const body = withoutEnvelope(fields, 'commandId', 'by', 'issuedAt', 'stopId');
    const path = `/v1/control/stops/${encodeURIComponent(String(fields.stopId))}`;
    return type === 'control.lift' ? { method: 'DELETE', path, body } : post(`${path}/votes`, body);
  }
  if (type === 'artifact.publish') {
    return post('/v1/artifacts', withoutEnvelope(fields, 'commandId', 'by', 'issuedAt'));
  }
  if (type === 'bulk.order') {
    const { filter, reason, command } = fields;
    return post('/v1/bulk', { filter, command: commandBody(command), reason, dryRun: false });
  }
  if (!type.startsWith('run.') || type === 'run.start') return undefined;
  const body = {
    type: type.slice('run.'.length),
    ...withoutEnvelope(fields, 'commandId', 'by', 'issuedAt', 'runId'),
  };
  return post(`/v1/runs/${encodeURIComponent(String(fields.runId))}/commands`, body);
}

/** What each run of a bulk order is told, as its sender wrote it. The runs are the gateway's to find: nobody signs them. */
function commandBody(command: unknown): unknown {
  const { wire, fields } = (hasFields(command) ? command : {}) as { wire?: unknown; fields?: unknown };
  const type = String(wire)
    .replace(/^run\./, '')
    .replace(/\/\d+$/, '');
  return { type, ...(hasFields(fields) ? fields : {}) };
}
