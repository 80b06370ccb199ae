import {
  type CodedFailure,
  defaultPrompt,
  fieldOf,
  type PublishedArtifact,
  toolManifest,
} from '@interlock/contracts';
import type { JsonSchema } from '@interlock/schema';
import type { PlanRequest } from '../deferred-plans.js';
import type { Models } from '../model/models.js';
import { FUNCTION_NAME_MAX, functionNameOf } from './function-names.js';
import { messagesOf } from './messages.js';
import { answerTokensMax, promptTokensMax } from './reservation.js';
import { answerFormat, functionsOf, type Listed } from './tool.functions.js';

/** What one request sends. `parameters`: everything in `body` that is neither prompt nor form of the answer. */
export interface Composed {
  readonly body: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Makes the body out of the request, and nothing else: equal for equal requests. A failure: the model is not to be asked. */
export type Composer = (request: PlanRequest) => Composed | CodedFailure;

/** Whatever the planner has read of `artifact.events`. */
export interface PublishedArtifacts {
  byHash(hash: string): PublishedArtifact | undefined;
}

/** The intent holds the body, and has to fit into one decision of 512 KB. */
const BODY_BYTES_MAX = 400 * 1_024;

export function composer(models: Models, artifacts: PublishedArtifacts): Composer {
  return (request) => {
    const model = models.get(request.model);
    if (model === undefined) return unknownModel(request.model);
    const prompt = promptOf(request.promptHash, artifacts);
    if (typeof prompt !== 'string') return prompt;
    const tools = listedTools(request, artifacts);
    if ('class' in tools) return tools;
    const isJson = model.answers === 'json';
    // It was checked where the workflow was published.
    const output = request.output as JsonSchema | undefined;
    const parts = {
      messages: messagesOf(request, prompt, isJson ? tools : []),
      ...(isJson
        ? { response_format: answerFormat(tools, output, request.ask) }
        : { tools: functionsOf(tools, output, request.ask) }),
    };
    const answer = answerTokensMax(
      promptTokensMax(parts),
      request.reserved,
      model.prices,
      model.answerTokensMax,
    );
    if (typeof answer !== 'number') return answer;
    const parameters = {
      model: model.name,
      [model.answerBound]: answer,
      ...(model.temperature !== 'none' && { temperature: model.temperature }),
      // Another seed for each attempt: the same seed would give the same useless answer.
      ...(model.seed !== 'none' && { seed: model.seed + request.attempt - 1 }),
      ...(!isJson && { tool_choice: 'required' }),
    };
    const body = { ...parameters, ...parts };
    const bytes = Buffer.byteLength(JSON.stringify(body));
    return bytes > BODY_BYTES_MAX ? tooLong(bytes) : { body, parameters };
  };
}

function promptOf(hash: string, artifacts: PublishedArtifacts): string | CodedFailure {
  if (hash === defaultPrompt.hash) return defaultPrompt.text;
  const published = artifacts.byHash(hash);
  const text = fieldOf(published?.document, 'text');
  return published?.kind === 'prompt' && typeof text === 'string' ? text : notRead('prompt', hash);
}

function listedTools({ tools }: PlanRequest, artifacts: PublishedArtifacts): Listed[] | CodedFailure {
  const listed: Listed[] = [];
  for (const { name, toolHash } of tools) {
    const published = artifacts.byHash(toolHash);
    if (published?.kind !== 'tool' || published.name !== name) return notRead(`tool ${name}`, toolHash);
    if (functionNameOf(name).length > FUNCTION_NAME_MAX) return longName(name);
    const manifest = toolManifest.safeParse(published.document);
    if (!manifest.success) return notRead(`tool ${name}`, toolHash);
    listed.push(manifest.data);
  }
  return listed;
}

const unknownModel = (model: string): CodedFailure => ({
  class: 'unauthorized',
  code: 'planner.unknown_model',
  message: `this planner is not set up for ${model}`,
});

/** It may still come: the orchestrator may have read the publication before this planner. */
const notRead = (what: string, hash: string): CodedFailure => ({
  class: 'transient',
  code: 'planner.not_read',
  message: `${what} ${hash.slice(0, 12)} is not published, as far as this planner has read`,
});

const longName = (tool: string): CodedFailure => ({
  class: 'invalid_input',
  code: 'planner.tool_name',
  message: `${tool} cannot be offered: a function has at most ${FUNCTION_NAME_MAX} characters in its name`,
});

const tooLong = (bytes: number): CodedFailure => ({
  class: 'context_overflow',
  code: 'planner.prompt_too_long',
  message: `the request has ${bytes} bytes; at most ${BODY_BYTES_MAX} are sent`,
});
