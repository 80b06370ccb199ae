import { defineConfig } from 'vitest/config';

/** Tests against a real dependency, or the whole system: one file at a time, because they share the machine's ports and cores. */
export default defineConfig({
  oxc: { decorator: { legacy: true } },
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    include: ['**/*.int.test.ts', '**/*.e2e.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    fileParallelism: false,
    testTimeout: 120_000,
    // Longer than a system may take to start: it ends what it has started, and says what it waited for.
    hookTimeout: 240_000,
  },
});
