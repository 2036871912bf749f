import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const src = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

/** What takes longest, so that it does not run alone at the end; without a cache, vitest goes by the size of a file. */
const longest = ['/projection.test', '/demo.test', '/contract.browser.test', '/animate.test', '/webgpu.test'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.includes(name));
      return place < 0 ? longest.length : place;
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
    // One bundle of the gradients of tfjs, hundreds of modules that would take each test file three seconds.
    deps: {
      optimizer: { ssr: { enabled: true, include: ['@tensorflow/tfjs-core/dist/register_all_gradients'] } },
    },
    include: ['packages/*/test/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    // Generous: other tests run at the same time, on machines of any speed.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // `npm test` leaves them out, `npm run test:long` runs them alone.
    tags: [
      {
        name: 'long',
        description: 'repeats on a slower backend, at full length or in a browser what a faster test holds',
        timeout: 3_600_000,
      },
    ],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
