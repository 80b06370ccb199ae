import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyFile, openClientKey, requestOf, signCommand, tokenKeyPath } from '@interlock/authority';
import {
  approvalCommands,
  approvalEvents,
  artifactCommands,
  artifactEvents,
  CastVote,
  runCommands,
  sha256,
} from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaSystem } from '../chaos/kafka/kafka.system.ts';
import { tillModule } from '../e2e/people.system.ts';
import { Person } from '../e2e/person.ts';
import { tokenOf } from '../e2e/tokens.ts';
import { dataOf, disguises, type Forgery, GatewayPrincipal, kinds, lastOn } from './gateway.principal.ts';

/*
 * Item 3: the gateway's word was everybody's word. Whoever had its rights on its topics voted, published, cancelled and started in
 * other people's names.
 */

let system: KafkaSystem;
let forger: GatewayPrincipal;
/** A token that the gateway has seen and that is still in force. */
let live = '';
/** Who opens what is sealed in a command, and the gateway itself. */
const judges = ['orchestrator', 'approval', 'registry', 'gateway'] as const;
const names = { iss: 'https://login.example', aud: 'https://interlock.example' };
const keys = () => join(system.place.directory, 'data', 'keys');
const address = () => ({ url: system.client.url, keys: keys() });

beforeAll(async () => {
  system = await KafkaSystem.start({
    environment: { INTERLOCK_MODULES: tillModule, TILL_FILE: '/dev/null' },
    apart: judges,
  });
  const anna = new Person(address(), 'anna', ['operator', 'admin']);
  const approval = await anna.asksFor('pay-dual', { entry: 'till-7', cents: 100 });
  const other = await anna.asksFor('pay-single', { entry: 'till-8', cents: 100 });
  await new Person(address(), 'fin', ['finance']).votes(other.approvalId, 'deny');
  const log = await system.recorder.complete();
  forger = new GatewayPrincipal(system, keys(), {
    approval,
    callHash: approval.callHash,
    start: dataOf(lastOn(log, runCommands, 'run.start')),
    bundle: String(dataOf(lastOn(log, artifactEvents, 'policy.proposed')).hash),
    seen: {
      orchestrator: lastOn(log, runCommands, 'run.start'),
      approval: lastOn(log, approvalCommands, 'approval.vote'),
      registry: lastOn(log, artifactCommands, 'artifact.publish'),
    },
  });
}, 300_000);
afterAll(() => system?.stop());

test('1,000 forged commands, votes and publications: each is put aside with a reason, and nothing follows from any', async () => {
  const forgeries: Forgery[] = [];
  for (const kind of kinds)
    for (const disguise of disguises)
      for (let count = 0; count < 25; count++) forgeries.push(await forger.disguised(kind, disguise));
  await forger.send(forgeries);
  const codes = await forger.putAside(forgeries.length);
  const accepted = await forger.accepted();
  console.log(
    `forged ${forger.sent}; accepted ${JSON.stringify(accepted)}; put aside ${JSON.stringify(codes)}`,
  );
  expect([forger.sent, accepted]).toEqual([1_000, {}]);
  expect(Object.keys(codes).toSorted()).toEqual([
    'authority.expired',
    'authority.missing',
    'authority.token',
    'authority.unsealed',
  ]);
  const anna = new Person(address(), 'anna', ['operator', 'admin']);
  expect((await anna.approval(forger.victim.approval.approvalId)).status).toBe('pending');
});

test('in production live tokens that it has seen give it starts until they expire, and no vote, publication or activation', async () => {
  const jwks = join(system.place.directory, 'issuer.json');
  writeFileSync(jwks, JSON.stringify({ keys: KeyFile.open(tokenKeyPath(keys())).keySet().keys }));
  await system.takeAway(...judges);
  Object.assign(system.environment, {
    INTERLOCK_MODE: 'production',
    INTERLOCK_JWKS_FILE: jwks,
    INTERLOCK_JWT_ISSUER: names.iss,
    INTERLOCK_JWT_AUDIENCE: names.aud,
    INTERLOCK_PLAINTEXT_KAFKA_ON_LOOPBACK: 'yes',
    INTERLOCK_REPLICATION_UNDER_3: 'yes',
  });
  await system.bringBack(...judges);

  const { approvalId, runId } = forger.victim.approval;
  const fin = await openClientKey(join(system.place.directory, 'fin', 'client.json'));
  const roles = ['finance', 'admin', 'operator'];
  const token = await tokenOf(keys(), { sub: 'fin', roles, lifeS: 600, jkt: fin.thumbprint, ...names });
  live = token;
  const said = { vote: 'approve', callHash: forger.victim.callHash, reason: 'checked' };
  const commandId = 'fin-votes-once';
  const by = { sub: 'fin', roles: [] };
  const signed = { type: 'approval.vote', data: { approvalId, runId, commandId, by, ...said } };
  const request = requestOf(signed);
  if (request === undefined) throw new Error('votes are signed');
  const tokenHash = sha256(token);
  const proof = await signCommand({ commandId, by, request, tokenHash }, fin);
  const ask = (headers: Record<string, string>, body: object) =>
    system.client.post<{ detail?: string }>(`/v1/approvals/${approvalId}/votes`, body, {
      authorization: `Bearer ${token}`,
      ...headers,
    });
  const unsigned = await ask({}, { ...said, commandId });
  expect([unsigned.status, unsigned.body.detail]).toEqual([403, expect.stringMatching(/Interlock-Proof/)]);
  expect((await ask({ 'interlock-proof': proof }, { ...said, reason: 'paid me', commandId })).status).toBe(
    403,
  );
  const honest = await ask({ 'interlock-proof': proof }, { ...said, commandId });
  expect(honest).toMatchObject({ status: 202 });

  const before = forger.sent;
  const own = await openClientKey(join(system.place.directory, 'forger', 'client.json'));
  const forgeries: Forgery[] = [];
  for (const kind of ['vote', 'publication', 'activation'] as const)
    for (let count = 0; count < 100; count++) {
      const bare = forger.bare(kind);
      const itself = { commandId: bare.commandId, by, request, tokenHash };
      const credentials = [{ token }, { token, proof }, { token, proof: await signCommand(itself, own) }];
      forgeries.push(await forger.sealed(bare, credentials[count % credentials.length] ?? { token }));
    }
  const expired = await tokenOf(keys(), { sub: 'fin', roles: ['operator'], lifeS: -30, ...names });
  for (const kind of ['start', 'cancel'] as const)
    for (let count = 0; count < 50; count++)
      forgeries.push(await forger.sealed(forger.bare(kind), { token: expired }));
  await forger.send(forgeries);
  const codes = await forger.putAside(before + forgeries.length);
  expect(await forger.accepted()).toEqual({});

  const stolen = await Promise.all(
    Array.from({ length: 5 }, async () => forger.sealed(forger.bare('start'), { token })),
  );
  const copied = stolen.flatMap((one) =>
    [0, 1, 2, 3]
      .filter((partition) => partition !== one.partition)
      .map((partition) => ({ ...one, partition })),
  );
  await forger.send([...stolen, ...copied]);
  await forger.putAside(before + forgeries.length + copied.length);
  const accepted = await forger.accepted();
  console.log(
    `production, live token: votes, publications and activations forged 300, expired starts and cancels 100; accepted with a live token ${JSON.stringify(accepted)}; put aside ${JSON.stringify(codes)}`,
  );
  expect(accepted).toEqual({ 'run.started': stolen.length });
});

test('the signature of a vote is in the log, and its own bytes again count for nothing', async () => {
  const { approvalId } = forger.victim.approval;
  const log = await system.recorder.complete();
  const vote = lastOn(log, approvalCommands, CastVote.type, 'fin-votes-once');
  expect(dataOf(lastOn(log, approvalEvents, 'approval.voted', 'fin-votes-once'))).toMatchObject({
    by: { sub: 'fin', authority: { issuer: names.iss, proof: expect.stringMatching(/^ey/) } },
  });
  const stored = [...log.values()].flat(2);
  const bytes = stored.flatMap(({ value, headers }) => [value ?? [], ...Object.values(headers)]);
  expect(bytes.filter((one) => Buffer.from(one).includes(live))).toEqual([]);
  const genuine: Forgery = {
    kind: 'vote',
    commandId: 'fin-votes-once',
    partition: [...(log.get(approvalCommands.name) ?? [])].findIndex((records) => records.includes(vote)),
    record: vote,
  };
  const before = Object.values(await forger.putAside(0)).reduce((sum, count) => sum + count, 0);
  await forger.send([genuine, genuine, await forger.disguised('vote', 'a name and nothing else')]);
  await forger.putAside(before + 1); // It lies behind the copies, which have been dealt with by then.
  const headers = { authorization: `Bearer ${live}` };
  const shown = await fetch(`${system.client.url}/v1/approvals/${approvalId}`, { headers });
  const approval = (await shown.json()) as Approval;
  expect([approval.status, approval.votes.length, approval.missing]).toEqual(['pending', 1, 1]);
});

test('a topic on which a producer says when it was revives no token', async () => {
  const admin = new kafkajs.Kafka({ brokers: [system.kafka.brokers], logLevel: 0 }).admin();
  await admin.connect();
  const stampedBy = (value: string) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: approvalCommands.name,
          configEntries: [{ name: 'message.timestamp.type', value }],
        },
      ],
    });
  await stampedBy('CreateTime');
  const accepted = await forger.accepted();
  const before = Object.values(await forger.putAside(0)).reduce((sum, count) => sum + count, 0);
  const forgery = await forger.disguised('vote', 'a token that has expired, under an earlier timestamp');
  await forger.send([forgery]);
  const codes = await forger.putAside(before + 1);
  await admin.disconnect();
  expect([await forger.accepted(), codes['authority.time']]).toEqual([accepted, 1]);
});
