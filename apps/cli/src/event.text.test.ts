import { expect, test } from 'vitest';
import { eventText } from './event.text.js';

const failure = { class: 'transient', code: 'econnrefused', message: 'nobody listens' };

test.each([
  ['its failure', { step: 'send', failure }, 'send · transient/econnrefused: nobody listens'],
  [
    'the failure of its outcome',
    { outcome: { kind: 'failed', failure } },
    'failed · transient/econnrefused: nobody listens',
  ],
  [
    'a failure whose words are left out for this reader',
    { step: 'send', failure: { ...failure, message: { redacted: 'personal' } } },
    'send · transient/econnrefused',
  ],
  [
    'the code of a refusal, also where its words are left out',
    { command: 'run.close', code: 'run.not_escalated', message: { redacted: 'personal' } },
    'run.not_escalated',
  ],
  ['what a step gave', { step: 'price', output: { cents: 5 } }, 'price · {"cents":5}'],
])('a line about an event says %s', (_what, data, said) => {
  expect(eventText(data)).toBe(said);
});
