import { expect, test } from 'vitest';
import { EngineWatch, TRAPS_MAX, WINDOW_MS } from './engine.watch.js';

test('an engine that dies again and again makes the service not ready until it has held for a while', () => {
  let now = 0;
  let counted = 0;
  const watch = new EngineWatch(
    () => now,
    () => {
      counted += 1;
    },
  );
  for (let trap = 0; trap < TRAPS_MAX; trap += 1) {
    expect(watch.waitingFor()).toBeUndefined();
    watch.trapped();
    now += 1_000;
  }
  expect(watch.waitingFor()).toContain('crashed');
  now += WINDOW_MS;
  expect(watch.waitingFor()).toBeUndefined();
  watch.trapped();
  expect(watch.waitingFor()).toBeUndefined();
  expect(counted).toBe(TRAPS_MAX + 1);
});
