import { hashOf } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { artifactsOf, bundleOf, moduleNameOf } from './module.artifacts.js';

test.each([
  [['examples/refund-desk/module.ts'], 'refund-desk'],
  [['examples/refund-desk'], 'refund-desk'],
  [['./till.module.ts'], 'till'],
  [['./till.mjs'], 'till'],
  [['/srv/till/./module.mjs', 'mail.ts'], 'till+mail'],
  [['/module.ts'], 'module'],
])('the modules %j are called %s', (paths, name) => {
  expect(moduleNameOf(paths)).toBe(name);
});

test('a module in the working directory is called by the name of that', () => {
  expect(moduleNameOf(['module.ts'])).toBe(moduleNameOf([process.cwd()]));
});

const policies = [{ id: 'all', text: 'permit(principal, action, resource);' }];
const module = {
  tools: [],
  workflows: [],
  tables: [],
  prompts: [],
  schemas: [],
  schedules: [],
  notifications: [],
  triggers: [],
  files: new Map<string, string>(),
  policies,
};
const hash = hashOf({ policies });

test('policies that were never published are the next version of their bundle', () => {
  expect(bundleOf(module, 'till', [])).toEqual({
    kind: 'policy',
    name: 'till',
    version: 1,
    document: { policies },
    hash,
  });
  const others = [
    { name: 'till', version: 4, hash: 'a' },
    { name: 'mail', version: 9, hash: 'b' },
  ];
  expect(bundleOf(module, 'till', others)?.version).toBe(5);
});

test('policies that were published before keep their name and version', () => {
  const before = { name: 'old-till', version: 2, hash };
  expect(bundleOf(module, 'till', [{ name: 'till', version: 7, hash: 'a' }, before])).toMatchObject(before);
});

test('a module without policies has no bundle', () => {
  expect(bundleOf({ ...module, policies: [] }, 'till', [])).toBeUndefined();
});

test('a workflow is published after those that it may start, whether they are text or objects', () => {
  const document = (name: string, starts: string) => ({ workflow: name, steps: { a: { workflow: starts } } });
  const workflows = [
    {
      file: 'm',
      name: 'trip',
      version: 1,
      document: 'workflow: trip\nsteps:\n  hotel: { workflow: booking@1 }\n',
    },
    { file: 'm', name: 'booking', version: 1, document: document('booking', 'room') },
    { file: 'm', name: 'room', version: 2, document: document('room', 'room') },
    { file: 'm', name: 'room', version: 1, document: document('room', 'nothing') },
    { file: 'm', name: 'one', version: 1, document: document('one', 'other') },
    { file: 'm', name: 'other', version: 1, document: document('other', 'one') },
  ];
  const named = artifactsOf({ ...module, workflows }).map(({ name, version }) => `${name}@${version}`);
  expect(named).toEqual(['room@1', 'room@2', 'booking@1', 'trip@1', 'other@1', 'one@1']);
});

test('triggers that answer come before the workflows whose questions name them, those that start come behind', () => {
  const trigger = (id: string, does: object) => ({ id, version: 1, does }) as never;
  const triggers = [
    trigger('starts', { start: { workflow: 'one', input: {} } }),
    trigger('answers', { answer: { run: 'r', question: 'q', text: 't' } }),
    trigger('signals', { signal: { run: 'r', name: 'go' } }),
  ];
  const workflows = [{ file: 'm', name: 'one', version: 1, document: document('one', 'nothing') }];
  const named = artifactsOf({ ...module, workflows, triggers }).map(({ name }) => name);
  expect(named).toEqual(['answers', 'signals', 'one', 'starts']);

  function document(name: string, starts: string) {
    return { workflow: name, steps: { a: { workflow: starts } } };
  }
});

test('in a module that names itself, too, where documents leave the name of the module out', () => {
  const of = (name: string, starts: string) => ({
    file: 'm',
    name: `shop/${name}`,
    version: 1,
    document: `workflow: ${name}\nsteps:\n  a: { workflow: ${starts} }\n`,
  });
  const workflows = [of('trip', 'booking'), of('booking', 'shop/room'), of('room', 'nothing')];
  expect(artifactsOf({ ...module, workflows }).map(({ name }) => name)).toEqual([
    'shop/room',
    'shop/booking',
    'shop/trip',
  ]);
});
