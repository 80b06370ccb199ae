import type { ErrorEntry } from './error.entry.js';

/** Why a call of a tool failed, as the executor saw it: `failure.code` of `tool.failed`. A tool’s own declared failure has its own code and the class `domain`; one of the system has the system’s code in lower case (`econnrefused`). */
export const toolErrors = {
  http_4xx: {
    meaning: 'The system answered with this HTTP status (`http_404`).',
    action:
      'See what the system says about the request. 429 is waited out; 401 and 403 wait for an operator; nothing else is tried again.',
  },
  http_5xx: {
    meaning: 'The system answered with this HTTP status (`http_503`).',
    action: 'See the health of that system. 502, 503 and 504 are tried again by themselves, no other is.',
  },
  timeout: {
    meaning: 'The tool has not ended within its `timeout`.',
    action: 'Raise the tool’s `timeout`, or see what it waits for.',
  },
  thrown: {
    meaning: 'The tool threw something that says no more.',
    action: 'See the message; let the tool declare its failures.',
  },
  not_performed: {
    meaning: 'The attempt ended before the tool had begun.',
    action: 'Retried by itself.',
  },
  undeclared_failure: {
    meaning: 'The tool failed in a way it has not declared.',
    action: 'Declare it in `failure` of the tool.',
  },
  schema: {
    meaning: 'The output does not fit the tool’s output schema.',
    action: 'Correct the tool or its schema.',
  },
  not_json: {
    meaning: 'The output is not a JSON value.',
    action: 'Correct the tool.',
  },
  not_a_value: {
    meaning:
      'The output holds what JSON cannot carry without loss: half a character, an integer beyond 2^53.',
    action: 'Correct the tool; give such a number as text.',
  },
  too_large: {
    meaning: 'The output is larger than one may be.',
    action: 'Give a reference instead of the content.',
  },
  unknown: {
    meaning: 'Nobody knows whether the tool has acted.',
    action: 'Cleared up as the tool’s `recovery` says.',
  },
  refused: {
    meaning: 'The tool refused its input.',
    action: 'Correct the step’s `with`.',
  },
  'tool.child_died': {
    meaning: 'The process that ran the tool ended, or does not answer.',
    action: 'See what the tool does: it ends its process, or uses more memory or time than it may.',
  },
  'tool.keeps_dying': {
    meaning: 'Attempts of this call keep ending the process that runs them.',
    action: 'Mend the tool before the step is retried.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
