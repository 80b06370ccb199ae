import type { Detector } from './detector.js';

const dotted = /(?<![A-Za-z0-9_.-])[a-z][a-z0-9_-]{0,63}(?:\.[a-z][a-z0-9_-]{0,63}){1,8}/g;
const called = /(?<![A-Za-z0-9_.-])[a-z][a-z0-9_-]{0,63}(?= {0,4}\()/g;

/** The name of a published tool: with a dot anywhere in the text, without one (an ordinary word) only before a bracket. */
export const toolName: Detector = {
  finding: 'tool_name',
  isIn: (text, { isToolName }) =>
    [dotted, called].some((pattern) => (text.match(pattern) ?? []).some((name) => isToolName(name))),
};
