import type { ModuleFactory } from '@interlock/tools';

/** A run that takes one signal after the other, and so grows as large as its senders like. */
const readers: ModuleFactory = () => ({
  workflows: [
    `
workflow: waits
version: 1
purpose: Wait for what never comes.
input: { type: object }
steps:
  first:
    wait: { for: PT1H }
  go:
    needs: [first]
    wait: { signal: go, deadline: PT1H }
`,
  ],
});

export default readers;
