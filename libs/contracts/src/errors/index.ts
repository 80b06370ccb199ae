import { activationErrors } from './activation.errors.js';
import { authorityErrors } from './authority.errors.js';
import { bulkErrors } from './bulk.errors.js';
import { callErrors } from './call.errors.js';
import { evidenceErrors } from './evidence.errors.js';
import { faultErrors } from './fault.errors.js';
import { filterErrors } from './filter.errors.js';
import { httpErrors } from './http.errors.js';
import { modelErrors } from './model.errors.js';
import { runErrors } from './run.errors.js';
import { scheduleErrors } from './schedule.errors.js';
import { stopErrors } from './stop.errors.js';
import { toolErrors } from './tool.errors.js';
import { valueErrors } from './value.errors.js';
import { voteErrors } from './vote.errors.js';

export type { ErrorEntry } from './error.entry.js';
export { cliExits, processExits } from './exit.errors.js';
export { httpErrors, type ProblemKind } from './http.errors.js';

/**
 * Every error code, once, by where it is found. Alerts, runbooks and programs key on codes: none is renamed or used for something
 * else in a later release.
 */
export const errorCatalogue = {
  http: httpErrors,
  run: runErrors,
  tool: toolErrors,
  model: modelErrors,
  call: callErrors,
  vote: voteErrors,
  activation: activationErrors,
  stop: stopErrors,
  schedule: scheduleErrors,
  filter: filterErrors,
  bulk: bulkErrors,
  authority: authorityErrors,
  value: valueErrors,
  evidence: evidenceErrors,
  fault: faultErrors,
} as const;

type Catalogue = typeof errorCatalogue;

/** The codes of one part of the catalogue. */
export type CodeOf<Part extends keyof Catalogue> = Extract<keyof Catalogue[Part], string>;

/** What a problem of the HTTP interface is called: its kind, or the more exact code of whoever refused. */
export type ProblemCode =
  | CodeOf<'http'>
  | CodeOf<'run'>
  | CodeOf<'vote'>
  | CodeOf<'activation'>
  | CodeOf<'stop'>
  | CodeOf<'schedule'>
  | CodeOf<'filter'>
  | CodeOf<'bulk'>
  | CodeOf<'value'>
  | CodeOf<'authority'>;
