import { promptHashOf } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { emptyCatalogue } from './catalogue.js';
import { checkArtifact } from './check-artifact.js';

const check = (document: unknown) =>
  checkArtifact({ kind: 'prompt', name: 'brief', version: 1, document }, emptyCatalogue);

test('a prompt is published under the hash that workflows pin and the planner looks for', () => {
  const document = { text: 'Be brief.' };
  expect(check(document)).toEqual({ hash: promptHashOf(document) });
});

test.each([[{}], [{ text: '' }], [{ text: 1 }], [{ text: 'x', model: 'y' }], ['x'], [null]])(
  'a prompt is a text and nothing else: %j is refused',
  (document) => {
    expect(check(document)).toHaveProperty('problems');
  },
);
