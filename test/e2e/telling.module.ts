import type { ModuleFactory } from '@interlock/tools';

/** A workflow that asks people, and a hook at HOOK_URL that is told of it, signed with HOOK_SECRET. */
export const env = ['HOOK_URL'];

const telling: ModuleFactory = () => ({
  workflows: [
    {
      workflow: 'ask',
      version: 1,
      purpose: 'Ask somebody.',
      input: { type: 'object', properties: { of: { type: 'string' } }, additionalProperties: false },
      steps: {
        sign: { approval: { question: 'Shall we?', approvers: ['lead'], required: 'single' } },
      },
    },
  ],
  notifications: [
    {
      name: 'ops',
      url: process.env.HOOK_URL ?? 'http://127.0.0.1:9/',
      secret: 'HOOK_SECRET',
      on: ['waiting', 'ended'],
      links: 'https://interlock.example.com/v1',
    },
  ],
});

export default telling;
