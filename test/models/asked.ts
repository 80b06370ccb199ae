import { ASK, FINISH, toolNameOf } from '../../apps/planner/src/request/function-names.ts';

/** A request as the protocol has it: the fields that matter here. */
export interface CompletionRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools?: readonly {
    readonly type: string;
    readonly function: {
      readonly name: string;
      readonly description?: string;
      readonly parameters?: unknown;
    };
  }[];
  readonly tool_choice?: unknown;
  readonly response_format?: unknown;
  readonly temperature?: number;
  readonly seed?: number;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stream?: boolean;
}

export interface Observed {
  readonly round: number;
  readonly index: number;
  readonly tool: string;
  readonly arguments: unknown;
  readonly occurrence: number;
  readonly result: string;
  readonly output?: unknown;
  readonly failure?: { readonly class: string; readonly code: string; readonly message: string };
}

/** A request of the planner, taken apart the way a model reads it. */
export interface Asked {
  /** From 1, over all requests of this server. */
  readonly number: number;
  readonly body: CompletionRequest;
  /** Of the bearer token; absent: none came. */
  readonly key?: string;
  readonly system: string;
  readonly goal: string;
  readonly facts: unknown;
  /** What became of the calls of earlier rounds. */
  readonly observed: readonly Observed[];
  /** What it has asked whom its step serves, and what they answered. */
  readonly asked: readonly { readonly question: string; readonly answer?: string }[];
  /** What it is to reflect on. */
  readonly proposed?: unknown;
  /** Names of the tools it may propose. */
  readonly tools: readonly string[];
}

/** A question that is not the planner's has no goal and no data. */
export function askedOf(number: number, body: CompletionRequest, key: string | undefined): Asked {
  const [system, ask, data] = body.messages.map(({ content }) => content);
  const known = knownOf(data ?? '');
  return {
    number,
    body,
    ...(key !== undefined && { key }),
    system: system ?? '',
    goal: /^Goal: ([\s\S]*)\n\n(?:Propose what|Look once)/.exec(ask ?? '')?.[1] ?? '',
    facts: known.facts,
    observed: known.observed ?? [],
    asked: known.asked ?? [],
    ...(known.proposed !== undefined && { proposed: known.proposed }),
    tools: body.tools === undefined ? described(ask ?? '') : offered(body.tools),
  };
}

function knownOf(data: string): {
  facts?: unknown;
  observed?: readonly Observed[];
  asked?: Asked['asked'];
  proposed?: unknown;
} {
  const start = data.indexOf('\n');
  try {
    return JSON.parse(data.slice(start + 1)) ?? {};
  } catch {
    return {};
  }
}

const offered = (tools: NonNullable<CompletionRequest['tools']>): string[] =>
  tools
    .map((tool) => tool.function.name)
    .filter((name) => name !== FINISH && name !== ASK)
    .map(toolNameOf);

/** Without functions the tools are told in words. */
function described(ask: string): string[] {
  const listing = /\n\nTools you may propose to call: (.*)$/.exec(ask)?.[1] ?? '[]';
  return (JSON.parse(listing) as { name: string }[]).map(({ name }) => name);
}
