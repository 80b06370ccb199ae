import type { ArtifactPage } from '@interlock/contracts/http';
import { type Client, RefusedError, UnreachableError } from '../client.js';
import type { Finding } from './finding.js';

const NODE_MAJOR = 24;

export function nodeVersion(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
  const advice = 'Run ./interlock from the project: it brings its own Node.';
  return { check: 'Node', ok, detail: process.versions.node, advice };
}

export async function reachable(client: Client): Promise<Finding> {
  const advice = 'Start it with npm start, or name another one: --url http://HOST:PORT.';
  return asking('server', advice, async () => {
    await client.get('/healthz');
    const { info } = (await client.get<{ info?: { version?: string } }>('/openapi.json')).body;
    return `answers at ${client.url}, interface ${info?.version ?? 'of an unknown version'}`;
  });
}

export async function ready(client: Client): Promise<Finding> {
  const advice =
    'It may take some seconds after a start. If it stays so, look into the log of the part named.';
  return asking('readiness', advice, async () => {
    await client.get('/readyz');
    return 'inputs are read, modules are published';
  });
}

export async function tokenAccepted(client: Client): Promise<Finding> {
  const advice = 'export INTERLOCK_TOKEN=$(./interlock token --sub NAME --role ROLE)';
  return asking('identity', advice, async () => {
    await client.get('/v1/runs?limit=1');
    return client.credentials.description;
  });
}

export async function workflows(client: Client): Promise<Finding> {
  const check = 'workflows';
  const advice = 'Name modules in INTERLOCK_MODULES when you start the server.';
  const found = await asking(check, advice, async () => {
    const path = '/v1/artifacts?kind=workflow';
    const { body } = await client.get<ArtifactPage>(path);
    return body.items.map(({ name, version }) => `${name}@${version}`).join(', ');
  });
  return found.ok && found.detail === '' ? { ...found, ok: false, detail: 'none is published' } : found;
}

async function asking(check: string, advice: string, ask: () => Promise<string>): Promise<Finding> {
  try {
    return { check, ok: true, detail: await ask() };
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
    return { check, ok: false, detail: error.message, advice };
  }
}
