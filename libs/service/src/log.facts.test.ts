import { expect, test } from 'vitest';
import { hostFacts, runFactOf } from './log.facts.js';

const RUN = '0198c7f2-2f3a-8d11-9b55-5f1c2a7be001';

test('a line about a run has its id, whichever way the host knows it', () => {
  expect(hostFacts({ topic: 'run.events', partition: 1, key: RUN })).toMatchObject({ run: RUN });
  expect(hostFacts({ topic: 'tool.events', partition: 1, effect: `${RUN}.12` })).toMatchObject({ run: RUN });
  expect(runFactOf(`${RUN}.12`)).toEqual({ run: RUN });
});

test('a line about something else has none', () => {
  expect(hostFacts({ topic: 'artifact.events', partition: 0, key: 'policy' })).toEqual({
    key: 'policy',
    topic: 'artifact.events',
    partition: 0,
  });
  expect(hostFacts({ topic: 'run.events', partition: 0, epoch: 1 })).not.toHaveProperty('run');
  expect(runFactOf(undefined)).toEqual({});
});
