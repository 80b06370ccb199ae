/*
 * The one name of a step instance, in events, errors, the interface and the CLI: `charge`, `lines[17]/charge`, `review#2/ask`.
 *
 *   path     one segment or more, joined by `/`, from the workflow inwards
 *   segment  the id of a step of the document; of a step that has a body also which turn of it: `id[n]` for an item of `forEach`, counted
 *            from 0, `id#n` for a pass of `repeat`, counted from 1
 *
 * An id of a document holds none of `/`, `[`, `]` and `#`, so a path can be read in one way only.
 */
import { z } from 'zod';

/** Of a step in a document: publication refuses any other. */
export const STEP_ID = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
export const STEP_PATH_CHARS_MAX = 1_000;

const NUMBER_FROM_0 = '(?:0|[1-9][0-9]{0,8})';
const NUMBER_FROM_1 = '[1-9][0-9]{0,8}';
const SEGMENT = `[A-Za-z][A-Za-z0-9_-]{0,63}(?:\\[${NUMBER_FROM_0}\\]|#${NUMBER_FROM_1})?`;
const PATH = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);
const PARTS = /^([^[#]+)(?:\[(\d+)\]|#(\d+))?$/;

/** The same for parts of messages that are written by hand in many places. */
export const stepPathText = z
  .string()
  .max(STEP_PATH_CHARS_MAX)
  .regex(PATH, { error: 'must be the path of a step, like order, lines[17]/charge or review#2/ask' })
  .describe('Path of a step: its id, inside of others like lines[17]/charge or review#2/ask');

export const stepPath = stepPathText.brand<'StepPath'>();
export type StepPath = z.output<typeof stepPath>;

/** A step, and which turn of its body is meant. */
export type StepSegment =
  | { readonly id: string }
  /** Of `forEach`, from 0. */
  | { readonly id: string; readonly item: number }
  /** Of `repeat`, from 1. */
  | { readonly id: string; readonly pass: number };

export const isStepPath = (text: string): text is StepPath =>
  text.length <= STEP_PATH_CHARS_MAX && PATH.test(text);

/** From the workflow inwards; undefined: it is no path. */
export function segmentsOf(text: string): readonly StepSegment[] | undefined {
  return isStepPath(text) ? text.split('/').flatMap(segmentIn) : undefined;
}

function segmentIn(text: string): StepSegment[] {
  const [, id, item, pass] = PARTS.exec(text) ?? [];
  if (id === undefined) return [];
  if (item !== undefined) return [{ id, item: Number(item) }];
  return pass === undefined ? [{ id }] : [{ id, pass: Number(pass) }];
}

/** @throws {RangeError} no such step can exist */
export function stepPathOf(...segments: readonly StepSegment[]): StepPath {
  const text = segments.map(segmentText).join('/');
  if (segments.every(({ id }) => STEP_ID.test(id)) && isStepPath(text)) return text;
  throw new RangeError(`${JSON.stringify(text.slice(0, 200))} is no path of a step`);
}

function segmentText(segment: StepSegment): string {
  if ('item' in segment) return `${segment.id}[${segment.item}]`;
  return 'pass' in segment ? `${segment.id}#${segment.pass}` : segment.id;
}

/** The step of the document that a path means, whichever turn it is: `lines/charge`. There are as many as the workflow has. */
export const stepNameOf = (path: string): string => path.replaceAll(/\[\d+\]|#\d+/g, '');
