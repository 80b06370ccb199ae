// A module for the pool's tests: one tool that does what its input says, another that only answers.
import { appendFileSync, readdirSync, readlinkSync, writeSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

export const env = ['HOSTILE_FILE'];

const loop = (ms) => {
  for (const until = Date.now() + ms; Date.now() < until; );
};
const faults = {
  answer: () => {},
  throw: () => {
    throw new Error('thrown');
  },
  throwLater: () => {
    setTimeout(() => {
      throw new Error('thrown later');
    }, 5);
    return after(60_000);
  },
  reject: () => {
    Promise.reject(new Error('rejected'));
    return after(60_000);
  },
  exit: () => process.exit(3),
  kill: () => {
    process.kill(process.pid, 'SIGKILL');
    return after(60_000);
  },
  loop: ({ ms }) => loop(ms),
  hang: ({ ms }) => after(ms),
  obey: (_input, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  heap: () => {
    for (const all = []; ; ) all.push({ of: [all.length] });
  },
  buffers: async () => {
    for (const all = []; ; await after(1)) all.push(Buffer.alloc(50_000_000, 1));
  },
  garbage: () => {
    writeSync(3, 'this is not a frame');
    return after(60_000);
  },
  forge: ({ text }) => {
    const body = JSON.stringify([
      { kind: 'end', id: text, end: { kind: 'succeeded', output: { text: 'forged' } } },
    ]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    writeSync(3, Buffer.concat([head, Buffer.from(body)]));
    return after(60_000);
  },
  print: () => {
    for (;;) process.stdout.write('x'.repeat(60_000));
  },
  log: (_input, context) => {
    for (let line = 0; line < 100_000; line += 1) context.log('line', { line });
  },
  large: () => 'x'.repeat(300_000),
  look: () => `${Object.keys(process.env).sort()} ${process.argv.length} ${process.cwd()} ${descriptors()}`,
};

const descriptors = () =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const to = readlinkSync(`/proc/self/fd/${fd}`);
      return /^(socket|pipe|\/)/.test(to) ? [`${fd}=${to.replace(/:.*/, '')}`] : [];
    } catch {
      return [];
    }
  });

const note = (text) => {
  if (process.env.HOSTILE_FILE !== undefined) appendFileSync(process.env.HOSTILE_FILE, `${text}\n`);
};

export default ({ defineTool, z }) => {
  const tool = (name, effect, recovery) =>
    defineTool({
      name,
      version: 1,
      description: 'Does what it is told.',
      input: z.object({
        do: z.string(),
        ms: z.number().optional(),
        text: z.string().optional(),
      }),
      output: z.object({ text: z.string(), pid: z.number() }),
      effect,
      recovery,
      risk: 'low',
      audience: 'test',
      timeout: '10s',
      async run(input, context) {
        context.signal.addEventListener('abort', () => note(`aborted ${input.text}`));
        note(`began ${input.text}`);
        const text = await faults[input.do](input, context);
        note(`ended ${input.text}`);
        return { text: text ?? 'done', pid: process.pid };
      },
    });
  return {
    tools: [
      tool('hostile.read', 'read'),
      tool('hostile.keyed', 'write', { by: 'idempotency-key' }),
      tool('hostile.unkeyed', 'write', { by: 'ask-human', settleAfter: '1s' }),
      tool('honest.read', 'read'),
      tool('honest.keyed', 'write', { by: 'idempotency-key' }),
      tool('honest.unkeyed', 'write', { by: 'ask-human', settleAfter: '1s' }),
    ],
  };
};
