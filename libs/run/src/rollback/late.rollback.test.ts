import { expect, test } from 'vitest';
import {
  after,
  before,
  callRequestOf,
  deny,
  late,
  performWrite,
  retry,
  run,
  skip,
  unknown,
} from '../../test/run-scenario.js';
import { askable, read, undoable } from '../../test/workflows.js';

test('a rollback waits for the check of what comes to light meanwhile, and is not due before it', () => {
  const scenario = run([undoable('pay'), askable('send'), read('end')]);
  performWrite(scenario, 'pay');
  scenario.when(before(scenario, 'send')).when(unknown(scenario, 'send'));
  const { requestId, callHash } = callRequestOf(scenario, 'send');
  scenario
    .when(before(scenario, 'end', deny))
    .whenDue()
    .when(retry(scenario, 'send'));
  scenario.thenSee((state) => expect(state.rollback).not.toBeNull());
  scenario.when(before(scenario, 'pay', deny));
  scenario.when(late(requestId, callHash, {}));
  scenario.when(skip(scenario, 'pay'));
  expect(scenario.due).toBeUndefined();
  scenario.when(after(scenario, 'send'));
  expect(scenario.state?.end).toMatchObject({ status: 'escalated' });
});
