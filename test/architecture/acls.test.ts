import { readFileSync } from 'node:fs';
import { acls, serviceNames, topicSettings, topics } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { aclFiles } from '../../scripts/acls.files.mjs';

test('the committed ACLs are the ones the topic table generates', () => {
  const different = [...aclFiles(acls(), topics, topicSettings)].filter(
    ([name, text]) => readFileSync(`deploy/kafka/acls/${name}`, 'utf8') !== text,
  );
  expect(
    different.map(([name]) => name),
    'run `npm run acls`',
  ).toEqual([]);
});

test('every topic has one writer, the one of the topic table', () => {
  const writers = topics.map(({ name }) => [
    name,
    acls().filter((acl) => acl.resource === 'topic' && acl.name === name && acl.operation === 'Write'),
  ]);
  expect(writers).toEqual(
    topics.map(({ name, writer }) => [name, [expect.objectContaining({ principal: writer })]]),
  );
});

test('a service commits positions for its own groups only', () => {
  const groups = acls().filter(({ resource, operation }) => resource === 'group' && operation === 'Read');
  expect(groups.map(({ principal, name }) => [principal, name])).toEqual([
    ...serviceNames.flatMap((service) => [
      [service, `interlock.${service}`],
      ...(service === 'orchestrator' ? [[service, 'interlock.orchestrator.schedules']] : []),
      ...(service === 'registry' ? [[service, 'interlock.registry.control']] : []),
      ...(service === 'telemetry' ? [[service, 'interlock.telemetry.traces']] : []),
    ]),
  ]);
});
