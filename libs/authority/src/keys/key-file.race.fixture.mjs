// One of several threads that open the same key file for the first time at the same moment. Loads the sources as they
// are: Node strips their types, and a hook finds `x.ts` where `x.js` is written.
import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = specifier.startsWith('.') && !context.parentURL?.includes('node_modules');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, {
      ...context,
      conditions: ['source', ...context.conditions],
    });
  },
});

const { KeyFile } = await import('./key-file.ts');
const { path, gate } = workerData;
parentPort.postMessage('ready');
Atomics.wait(new Int32Array(gate), 0, 0);
parentPort.postMessage(KeyFile.open(path).current.keyId);
