import { expect, test, vi } from 'vitest';
import { LogWatch } from './log.watch.js';

test('a gateway is not ready while one of the topics it writes is refused, and ready again afterwards', async () => {
  const against = new Map<string, string>();
  const broker = { unwritable: async (topic: string) => against.get(topic) };
  const watch = new LogWatch(broker, ['run.commands', 'approval.commands'], 1);
  watch.onApplicationBootstrap();
  expect(watch.waitingFor()).toBeUndefined();
  against.set('approval.commands', 'approval.commands/0 has no leader');
  await vi.waitFor(() => expect(watch.waitingFor()).toBe('approval.commands/0 has no leader'));
  against.clear();
  await vi.waitFor(() => expect(watch.waitingFor()).toBeUndefined());
  watch.beforeApplicationShutdown();
});
