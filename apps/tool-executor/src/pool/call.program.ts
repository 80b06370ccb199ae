import { loadModules, setUpChild, type Tool } from '@interlock/tools';
import type { CallEnd } from '../call.effect.js';
import { performCall, toolContext } from '../call.performance.js';
import type { Warn } from '../compensation.js';
import { type ChildMessage, LOG_FIELDS_BYTES_MAX, LOG_LINES_MAX, type PoolMessage } from './call.messages.js';

/** Runs the tools of one module, as a child of the executor. Its only argument is the module file. */
type Call = Extract<PoolMessage, { kind: 'call' }>;

const { now } = Date;
const { setTimeout: after, clearTimeout: cancel } = globalThis;
/** The last share of a guarded call's time: its tool is signalled then, so that it can end by itself and its child need not be killed. */
const SIGNALLED_SHARE = 0.1;
const SIGNALLED_MS_MAX = 250;
const { stringify } = JSON;
const tools = new Map<string, Tool>();
const running = new Map<string, AbortController>();

const child = await setUpChild((message) => {
  const order = message as PoolMessage;
  switch (order.kind) {
    case 'call':
      return child.onBehalfOf(order.id, () => void perform(order));
    case 'abort':
      return running
        .get(order.id)
        ?.abort(new DOMException('nobody waits for this call any more', 'AbortError'));
    case 'ping':
      return say({ kind: 'pong', count: order.count });
  }
});
const say = (message: ChildMessage): void => child.say(message);

for (const tool of (await loadModules([child.module])).tools) tools.set(tool.toolHash, tool);
say({ kind: 'loaded', toolHashes: [...tools.keys()] });

async function perform(call: Call): Promise<void> {
  const { id } = call;
  const ending = new AbortController();
  running.set(id, ending);
  const timer = call.isGuarded ? signalBefore(call.deadline, ending) : undefined;
  const end = await endOf(call);
  cancel(timer);
  running.delete(id);
  say({ kind: 'end', id, end });
}

function signalBefore(deadline: number, ending: AbortController): NodeJS.Timeout {
  const leftMs = deadline - now();
  const beforeMs = Math.min(SIGNALLED_MS_MAX, leftMs * SIGNALLED_SHARE);
  const reason = new DOMException('the call took too long', 'TimeoutError');
  return after(() => ending.abort(reason), Math.max(0, leftMs - beforeMs));
}

async function endOf(call: Call): Promise<CallEnd> {
  if (!child.guarded(call.guards))
    return { kind: 'not_performed', because: 'no watchdog guards its deadline' };
  // Right before the world is touched: this process may have been busy or suspended since.
  if (now() >= call.deadline) {
    return { kind: 'not_performed', because: 'its deadline had passed before it began' };
  }
  const line = linesOf(call);
  const signal = running.get(call.id)?.signal ?? AbortSignal.abort();
  const context = toolContext(call, signal, (message, fields) => line('log', message, fields));
  return performCall(tools, call, context, now, (message, fields) => line('warn', message, fields));
}

/** What a call says besides its answer: so many lines, each of a bounded length. */
function linesOf({ id }: Call): (kind: 'log' | 'warn', ...line: Parameters<Warn>) => void {
  let left = LOG_LINES_MAX;
  return (kind, message, fields) => {
    if (left === 0) return;
    left -= 1;
    say({ kind, id, message: String(message).slice(0, 4_000), fields: bounded(fields) });
  };
}

function bounded(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    const text = stringify(fields);
    return text.length <= LOG_FIELDS_BYTES_MAX ? { ...fields } : { cut: text.slice(0, 500) };
  } catch {
    return {};
  }
}
