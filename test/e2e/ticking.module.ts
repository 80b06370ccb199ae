import type { ModuleFactory } from '@interlock/tools';

/** A workflow without tools, and a schedule that starts it every second. TICKING_EVERY changes what the module says of it. */
export const env = ['TICKING_EVERY'];

const ticking: ModuleFactory = () => ({
  workflows: [
    {
      workflow: 'tick',
      version: 1,
      purpose: 'Be over at once.',
      input: { type: 'object', properties: { of: { type: 'string' } }, additionalProperties: false },
      steps: { rest: { wait: { for: '10ms' } } },
    },
  ],
  schedules: [
    {
      name: 'ticking',
      workflow: 'tick',
      input: { of: 'module' },
      every: process.env.TICKING_EVERY ?? 'PT1S',
      overlap: 'queue',
    },
  ],
});

export default ticking;
