import { createServer } from 'node:http';

/**
 * Speaks as much of the protocol of OpenAI as the planner needs, and answers every request with the same output.
 * For trying an agent step without an account: it thinks nothing.
 *
 *   node examples/scripted-model/main.mjs OUTPUT [CONFIDENCE]     OUTPUT: JSON, as the step's schema wants it
 */
const [text = '', confidence = '0.9'] = process.argv.slice(2);
const port = Number(process.env.PORT ?? 7411);
const output = outputOf(text);

const server = createServer(async (request, response) => {
  const asked = JSON.parse(await bodyOf(request));
  const said = {
    output,
    confidence: Number(confidence),
    reasoning: 'it was told to say so',
    evidence: [],
    alternatives: [],
  };
  const call = { name: 'Finish', arguments: JSON.stringify(said) };
  const message = {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: call }],
  };
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
  const choices = [{ index: 0, finish_reason: 'tool_calls', message }];
  const completion = { id: 'completion', object: 'chat.completion', created: 0, model: asked.model };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ...completion, choices, usage }));
});
server.listen(port, '127.0.0.1', () => console.log(`INTERLOCK_MODEL_URL=http://127.0.0.1:${port}/v1`));

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function outputOf(json) {
  try {
    return JSON.parse(json);
  } catch {
    console.error('say what it answers: node examples/scripted-model/main.mjs \'{"decision":"refund"}\'');
    return process.exit(2);
  }
}
