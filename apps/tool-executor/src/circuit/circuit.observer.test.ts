import { type Log, openMetrics } from '@interlock/service';
import { expect, test } from 'vitest';
import { circuitObserver } from './circuit.observer.js';

const log = { warn: () => undefined, info: () => undefined } as unknown as Log;
const away = { since: 1, failures: 5, code: 'transient http_503', nextProbe: 9 };

test('a tool counts as away as long as the target of one of its versions is', async () => {
  const metrics = openMetrics();
  const observe = circuitObserver(log, metrics);
  const shown = async () => {
    const text = await metrics.metrics();
    return [...text.matchAll(/^interlock_circuits_(?:open|opened_total)\{.*tool="pay".*\} (\d+)$/gm)].map(
      ([, value]) => Number(value),
    );
  };
  observe({ tool: 'pay', toolHash: 'v1', ...away });
  observe({ tool: 'pay', toolHash: 'v2', ...away });
  expect(await shown()).toEqual([2, 2]);
  observe({ tool: 'pay', toolHash: 'v1' });
  expect(await shown()).toEqual([2, 1]);
  observe({ tool: 'pay', toolHash: 'v2' });
  expect(await shown()).toEqual([2, 0]);
});
