import {
  accessEvents,
  auditEvents,
  runCheckpoints,
  runCommands,
  runEvents,
  topicSettings,
} from '@interlock/contracts';
import { expect, test } from 'vitest';
import { misfitsOf, repairOf } from './topic.misfits.js';

const found = (spec: Parameters<typeof topicSettings>[0], change: Record<string, string>, replicas = 3) => ({
  settings: new Map(Object.entries({ ...topicSettings(spec), 'min.insync.replicas': '2', ...change })),
  replicas,
});

test.each([runEvents, runCommands, accessEvents, runCheckpoints])('$name as it is created fits', (spec) => {
  expect(misfitsOf(spec, found(spec, {}))).toEqual([]);
});

test.each([
  ['retention.ms', '60000'],
  ['retention.bytes', '1000000'],
  ['max.message.bytes', '1048588'],
  ['cleanup.policy', 'compact'],
  ['cleanup.policy', 'delete,compact'],
  ['message.timestamp.type', 'LogAppendTime'],
  ['compression.type', 'snappy'],
  ['unclean.leader.election.enable', 'true'],
  ['min.insync.replicas', '1'],
  ['min.insync.replicas', '4'],
])('run.events with %s %s does not', (setting, value) => {
  expect(misfitsOf(runEvents, found(runEvents, { [setting]: value }))).toMatchObject([
    { setting, found: value },
  ]);
});

test('more room and a longer time are as good', () => {
  expect(misfitsOf(accessEvents, found(accessEvents, { 'retention.ms': '-1' }))).toEqual([]);
  expect(misfitsOf(accessEvents, found(accessEvents, { 'retention.ms': '99999999999' }))).toEqual([]);
  expect(misfitsOf(runEvents, found(runEvents, { 'max.message.bytes': '8388608' }))).toEqual([]);
  expect(misfitsOf(accessEvents, found(accessEvents, { 'retention.ms': '60000' }))).toHaveLength(1);
});

test('commands that the broker does not stamp do not fit: a writer could revive a token', () => {
  expect(misfitsOf(runCommands, found(runCommands, { 'message.timestamp.type': 'CreateTime' }))).toHaveLength(
    1,
  );
});

test('what other systems read stays as it was compressed; everything else is stored plain', () => {
  expect(misfitsOf(auditEvents, found(auditEvents, { 'compression.type': 'uncompressed' }))).toHaveLength(1);
  expect(misfitsOf(runEvents, found(runEvents, { 'compression.type': 'producer' }))).toHaveLength(1);
});

test('one replica needs one in sync', () => {
  expect(misfitsOf(runEvents, found(runEvents, { 'min.insync.replicas': '1' }, 1))).toEqual([]);
  expect(misfitsOf(runEvents, found(runEvents, { 'min.insync.replicas': '2' }, 1))).toHaveLength(1);
});

test('the command that repairs it names everything at once', () => {
  const misfits = misfitsOf(runEvents, found(runEvents, { 'retention.ms': '1', 'max.message.bytes': '2' }));
  expect(repairOf('run.events', misfits, 'kafka:9092')).toBe(
    'kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics --entity-name run.events --add-config max.message.bytes=2097152,retention.ms=-1',
  );
});
