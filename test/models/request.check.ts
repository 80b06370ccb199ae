import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

const count = z.number().int().positive();
const schema = z.record(z.string(), z.unknown());

const request = z.object({
  model: z.string().min(1),
  messages: z
    .array(z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() }))
    .min(1),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
          description: z.string().optional(),
          parameters: schema.optional(),
        }),
      }),
    )
    .min(1)
    .optional(),
  tool_choice: z.enum(['auto', 'none', 'required']).optional(),
  response_format: z
    .object({
      type: z.literal('json_schema'),
      json_schema: z.object({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/), schema }),
    })
    .optional(),
  temperature: z.number().min(0).max(2).optional(),
  seed: z.number().int().optional(),
  max_tokens: count.optional(),
  max_completion_tokens: count.optional(),
  stream: z.literal(false).optional(),
});

/** What a real endpoint would refuse in this request. */
export function complaint({ method, url }: IncomingMessage, text: string): string | undefined {
  if (method !== 'POST' || url !== '/v1/chat/completions') return `${method} ${url} is not spoken here`;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'the body is not JSON';
  }
  const parsed = request.safeParse(body);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const names = (parsed.data.tools ?? []).map((tool) => tool.function.name);
  if (new Set(names).size < names.length) return 'two functions have one name';
  return parsed.data.tool_choice !== undefined && names.length === 0
    ? 'tool_choice without tools'
    : undefined;
}
