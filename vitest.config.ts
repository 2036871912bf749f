import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const src = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests run on the sources, so that no build is needed before `npm test`.
    alias: [
      { find: /^@faceanim\/([^/]+)$/, replacement: src('$1/src/index.ts') },
      { find: /^@faceanim\/([^/]+)\/([^/]+)$/, replacement: src('$1/src/$2/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
