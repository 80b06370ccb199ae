import type { ErrorEntry } from './error.entry.js';

/** Why a model could not be asked, or its answer not be used: `failure.code` of `plan.failed`. The baseline acts instead where the step has one. */
export const modelErrors = {
  'model.connection_lost': {
    meaning: 'The connection broke after the request was sent; what the model used is not known.',
    action: 'Asked again by itself; see the health of the endpoint.',
  },
  'model.context_overflow': {
    meaning: 'The request is longer than the model takes.',
    action: 'Give the step less context, or another model.',
  },
  'model.cut_off': {
    meaning: 'The model stopped before its answer was whole.',
    action: 'Raise the budget of tokens of the step.',
  },
  'model.endless': {
    meaning: 'The answer has no valid finish reason.',
    action: 'Check the endpoint: it does not follow the protocol.',
  },
  'model.http_4xx': {
    meaning: 'The endpoint answered with this HTTP status (`model.http_400`).',
    action: 'See the message of the endpoint.',
  },
  'model.http_5xx': {
    meaning: 'The endpoint answered with this HTTP status (`model.http_502`).',
    action: 'Retried by itself; see the health of the endpoint.',
  },
  'model.malformed': {
    meaning: 'The answer is not in the form that was asked for.',
    action: 'Asked again by itself; see the prompt if it repeats.',
  },
  'model.not_found': {
    meaning: 'The endpoint does not know the model.',
    action: 'Check OPENAI_MODEL and OPENAI_BASE_URL.',
  },
  'model.quota_exhausted': {
    meaning: 'The account has no quota left.',
    action: 'Raise the quota at the provider.',
  },
  'model.rate_limited': {
    meaning: 'The endpoint asks to wait.',
    action: 'Waits by itself.',
  },
  'model.refused': {
    meaning: 'The model or a filter of the endpoint refused to answer.',
    action: 'See the message; change the prompt if that is wrong.',
  },
  'model.timeout': {
    meaning: 'No whole answer came in time.',
    action: 'Retried by itself; see the health of the endpoint.',
  },
  'model.unauthorized': {
    meaning: 'The endpoint refuses the key.',
    action: 'Check OPENAI_API_KEY.',
  },
  'model.unreachable': {
    meaning: 'The endpoint was not reached.',
    action: 'Asked again by itself; check OPENAI_BASE_URL.',
  },
  'planner.crashed': {
    meaning: 'The planner that asked the model is gone; what the model answered is not known.',
    action: 'Asked again by itself.',
  },
  'planner.no_turn': {
    meaning: 'Other requests to the model left this one no time before its deadline.',
    action: 'Allow more requests to the model at once, or give the step more time.',
  },
  'planner.no_verdict': {
    meaning: 'Policy has not answered by the deadline of the request.',
    action: 'See that the policy service runs: `./interlock doctor`.',
  },
  'planner.not_read': {
    meaning: 'A prompt or tool is not published, as far as this planner has read.',
    action: 'Publish it; asked again by itself.',
  },
  'planner.prompt_too_long': {
    meaning: 'The request is larger than what is reserved or sent at most.',
    action: 'Give the step less context, or more tokens.',
  },
  'planner.stopped': {
    meaning: 'A kill switch, or the planner shutting down, stopped the request.',
    action: 'Goes on by itself; a stop has to be lifted: `./interlock resume-all`.',
  },
  'planner.stops_unknown': {
    meaning: 'The planner does not know at the moment which stops are in force, so it asks no model.',
    action: 'See that the registry and the broker answer; goes on by itself.',
  },
  'planner.too_expensive': {
    meaning: 'The request may cost more than is reserved for it.',
    action: 'Raise the budget of money of the step.',
  },
  'planner.too_late': {
    meaning: 'Policy allowed the request after its deadline had passed.',
    action: 'See what kept policy from answering.',
  },
  'planner.tool_name': {
    meaning: 'The tool’s name is too long for a function of the model.',
    action: 'Give the tool a shorter name.',
  },
  'planner.unknown_model': {
    meaning: 'The planner is not set up for the model.',
    action: 'Configure it in the settings of the planner.',
  },
  'planner.wrong_hash': {
    meaning: 'The run, policy and the planner disagree about the request to the model.',
    action: 'Find out who changed it: this is an attack or a defect.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
