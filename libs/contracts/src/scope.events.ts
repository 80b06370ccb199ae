import { z } from 'zod';
import { personal } from './classification.js';
import { defineEvent } from './define.js';
import { failure } from './failure.js';
import { stepPath } from './step.path.js';
import { outputRef } from './stored.value.js';

/*
 * Steps that have a body. A turn is one time that a body runs: for an item of `forEach`, as a pass of `repeat`, or as the branch of `switch`
 * that was taken. Steps in it are named by its path: `lines[17]/charge`.
 */

const step = stepPath.describe('The step whose body it is');

const turn = {
  item: z.number().int().min(0).optional().describe('Of forEach, from 0'),
  pass: z.number().int().min(1).optional().describe('Of repeat, from 1'),
  branch: z.number().int().min(0).optional().describe('Of switch, from 0, as the document lists them'),
};

/** Turns of the body of a step may be opened from now on. */
export const ScopeStarted = defineEvent(
  'scope.started',
  1,
  z.object({ step, items: z.number().int().min(0).optional().describe('Of forEach: how long its list is') }),
);

/** A turn begins: the steps of the body are there, and those that need none may start. */
export const ScopeOpened = defineEvent('scope.opened', 1, z.object({ step, ...turn }));

/** A turn has ended. Nothing of it is open, and its steps are not there any more. */
export const ScopeClosed = defineEvent(
  'scope.closed',
  1,
  z.object({
    step,
    ...turn,
    outcome: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('completed'),
        output: z.unknown().meta(personal).optional(),
        outputRef,
        done: z.literal(true).optional().describe('Of repeat: what it repeats for has come true'),
      }),
      z.object({ kind: z.literal('failed'), at: stepPath.describe('The step that failed in it'), failure }),
      z.object({ kind: z.literal('stopped') }),
    ]),
  }),
);

/** No more turns are opened, and those that are open are stopped: then the step fails. */
export const ScopeStopping = defineEvent('scope.stopping', 1, z.object({ step, failure }));

export const scopeEvents = [ScopeStarted, ScopeOpened, ScopeClosed, ScopeStopping] as const;
