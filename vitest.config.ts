import { fileURLToPath, pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const src = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));
const tool = (name: string) => fileURLToPath(new URL(`./tools/${name}`, import.meta.url));

/** The slowest files go first, so that none runs alone at the end. Without a cache, vitest knows only the size of files. */
const slowest = ['/projection.test', '/demo.test', '/contract.browser.test', '/animate.test', '/webgpu.test'];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = slowest.findIndex((name) => moduleId.includes(name));
      return place < 0 ? slowest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: {
    // Tests run on the sources, so that no build is needed before `npm test`.
    alias: [
      { find: /^@faceanim\/media$/, replacement: src('media/src/node/index.ts') },
      { find: /^@faceanim\/([^/]+)$/, replacement: src('$1/src/index.ts') },
      { find: /^@faceanim\/([^/]+)\/([^/]+)$/, replacement: src('$1/src/$2/index.ts') },
    ],
  },
  test: {
    // The gradients of tfjs are hundreds of modules: bundled once, they do not cost each test file three seconds.
    deps: {
      optimizer: { ssr: { enabled: true, include: ['@tensorflow/tfjs-core/dist/register_all_gradients'] } },
    },
    globalSetup: [tool('temporary-folder.ts')],
    setupFiles: [tool('one-thread.ts')],
    execArgv: ['--import', pathToFileURL(tool('end-with-vitest.mjs')).href],
    include: [
      'examples/test/*.test.ts',
      'examples/*/test/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      'docs/test/*.test.ts',
    ],
    // Generous, since tests run in parallel on machines of any speed.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 240_000 } },
    // `npm test` leaves these out; `npm run test:long` runs only them.
    tags: [
      {
        name: 'long',
        description: 'repeats what a faster test covers on a slower backend, at full length or in a browser',
        timeout: 3_600_000,
      },
    ],
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
  },
});
