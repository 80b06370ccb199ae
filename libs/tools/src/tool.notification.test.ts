// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { notificationOf } from './tool.notification.js';

const mail = {
  name: 'lead',
  tool: 'mail.send',
  with: { to: 'lead@example.com', text: '${input.data.link}' },
  secret: 'NOTICE_SECRET',
  on: ['waiting'],
};

test('a notification by a tool is a workflow with that one call, and a trigger that starts it', () => {
  const { hook, workflow, trigger } = notificationOf({ ...mail, tenant: 'north', version: 2 });
  expect(hook).toMatchObject({
    name: 'lead',
    tenant: 'north',
    by: { trigger: 'notice-lead', workflow: 'notice-lead' },
  });
  expect(hook.url).toBeUndefined();
  expect(workflow).toMatchObject({
    workflow: 'notice-lead',
    version: 2,
    steps: { tell: { tool: 'mail.send', with: mail.with } },
  });
  expect(trigger).toMatchObject({
    id: 'notice-lead',
    version: 2,
    secret: 'NOTICE_SECRET',
    tenant: 'north',
    does: { start: { workflow: 'notice-lead', input: '${event}' } },
  });
});

test('it goes to the gateway that the module names', () => {
  const { hook } = notificationOf({ ...mail, gateway: 'http://gateway:7400/v1/' });
  expect(hook).toMatchObject({ url: 'http://gateway:7400/v1/triggers/notice-lead', local: true });
});

test('a notification by a webhook is what it was', () => {
  const hook = { name: 'ops', url: 'https://hooks.example.com/', secret: 'HOOK', on: ['ended'] };
  expect(notificationOf(hook)).toEqual({ hook: { ...hook, local: false } });
});

test.each([
  ['runs of every tenant', { tenant: '*' }],
  ['questions of models', { on: ['asked'] }],
  ['a place to go to, too', { url: 'https://hooks.example.com/' }],
  ['no arguments', { with: undefined }],
  ['a trigger of its own', { by: { trigger: 'x', workflow: 'y' } }],
])('a notification by a tool for %s is refused', (_what, more) => {
  expect(() => notificationOf({ ...mail, ...more })).toThrow();
});

test('a webhook may not say that it is one', () => {
  const by = { trigger: 'x', workflow: 'y' };
  const hook = { name: 'ops', url: 'https://hooks.example.com/', secret: 'HOOK', on: ['ended'], by };
  expect(() => notificationOf(hook)).toThrow();
  expect(() => notificationOf({ name: 'ops', secret: 'HOOK', on: ['ended'] })).toThrow();
});
