import { defineConfig } from 'vitest/config';

/** Scenarios on the one Kafka that `globalSetup` below provides, and those with a Kafka of their own. */
const onKafka = [
  'test/chaos/kafka/**/*.int.test.ts',
  'libs/broker/**/*.int.test.ts',
  'test/attacks/03-gateway-principal.attack.int.test.ts',
  'test/attacks/12-topics.attack.int.test.ts',
  'test/attacks/16-audit-stream.attack.int.test.ts',
];
/** Scenarios that have the machine to themselves, because they bound how long the product may take. */
const alone = [
  'test/attacks/07-tool-faults.attack.int.test.ts',
  'test/attacks/08-strangers-and-disk.attack.int.test.ts',
  'test/attacks/09-kill-switch-executor.attack.int.test.ts',
  'test/attacks/14-schemas.attack.int.test.ts',
  'test/e2e/bad-requests.e2e.test.ts',
  'test/e2e/graceful-stop.e2e.test.ts',
  'test/e2e/outage.e2e.test.ts',
];
const notTests = ['**/node_modules/**', '**/dist/**'];

/** Tests against a real dependency, or the whole system. `npm test` runs the scenarios on Kafka at the same time as those beside another. */
export default defineConfig({
  oxc: { decorator: { legacy: true } },
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    testTimeout: 120_000,
    // Longer than a system may take to start: it ends what it has started, and says what it waited for.
    hookTimeout: 240_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'beside another',
          include: ['**/*.int.test.ts', '**/*.e2e.test.ts'],
          exclude: [...notTests, ...alone, ...onKafka],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          exclude: notTests,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'on Kafka',
          include: onKafka,
          exclude: notTests,
          globalSetup: 'test/chaos/kafka/one.kafka.setup.ts',
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
