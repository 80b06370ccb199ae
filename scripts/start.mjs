// npm start: all services in one process on the embedded log, the example's order system beside it, sixty requests worked, and then it
// keeps serving.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRefundDesk, usesRefundDesk } from './refund-desk.mjs';
import { stopOnSignals, supervise } from './supervisor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const startedAt = Date.now();
const env = { ...process.env };
const running = [];
stopOnSignals(() => running);

if (usesRefundDesk(env) && env.REFUND_DESK_URL === undefined) {
  const { orders, url } = await startRefundDesk(root, env);
  running.push(orders);
  env.REFUND_DESK_URL = url;
}

const url = await new Promise((resolve) => {
  running.push(
    supervise({
      name: 'interlock',
      argv: [join(root, 'apps/all/dist/main.js')],
      env,
      onLine(line) {
        if (line.startsWith('http')) resolve(line);
        else process.stdout.write(`${line}\n`);
      },
      async onExit(code) {
        if (code !== 2) return;
        await Promise.all(running.map((one) => one.stop()));
        process.exit(2);
      },
    }),
  );
});
await ready(url);
process.stdout.write(
  `Interlock is ready at ${url} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`,
);

if ((env.INTERLOCK_DEMO ?? '1') === '1' && usesRefundDesk(env) && trustsDevelopmentKey()) {
  const { runDemo } = await import('../examples/refund-desk/demo.ts');
  const { keysDirectoryOf } = await import('@interlock/authority');
  const asExpected = await runDemo({ url, keysDirectory: keysDirectoryOf(env) }, process.stdout);
  process.stdout.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s since the start\n`);
  if (!asExpected) process.exitCode = 1;
}

/** The demo signs with the key of this installation; an issuer's tokens are not its to make. */
function trustsDevelopmentKey() {
  return env.INTERLOCK_MODE !== 'production' && !env.INTERLOCK_JWKS_FILE && !env.INTERLOCK_JWKS_URL;
}

async function ready(address) {
  for (;;) {
    const answer = await fetch(`${address}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
