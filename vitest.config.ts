import { fileURLToPath, pathToFileURL } from 'node:url';
import { defineConfig, type UserWorkspaceConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const src = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));
const tool = (name: string) => fileURLToPath(new URL(`./tools/${name}`, import.meta.url));

/**
 * The slowest files go first, so that none runs alone at the end: without a cache, vitest knows only the size of files. Those
 * that share a process go last, in a row, since vitest ends a process when the next file needs one of its own.
 */
const slowest = ['/projection.test', '/demo.test', '/contract.browser.test', '/animate.test', '/webgpu.test'];

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const place = slowest.findIndex((name) => moduleId.includes(name));
      return place < 0 ? slowest.length + Number(!project.config.isolate) : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const all = [
  'examples/test/*.test.ts',
  'examples/*/test/*.test.ts',
  'packages/*/test/**/*.test.ts',
  'benchmarks/**/*.test.ts',
  'docs/test/*.test.ts',
];

/**
 * Tests that open no backend of ours, which would take that of tfjs away when it closes: their files share a process, which
 * loads TensorFlow.js and the sources once. `*.alone.test.ts` gets a new one.
 */
const sharing = ['packages/{core,models,tensor}/test/**/!(*.alone).test.ts'];

// `npm test` leaves these out; `npm run test:long` runs only them.
const tags = [
  {
    name: 'long',
    description: 'repeats what a faster test covers on a slower backend, at full length or in a browser',
    timeout: 3_600_000,
  },
];

/** What both projects share. With `extends`, each of them would run the global setup again. */
function project(name: string, test: UserWorkspaceConfig['test']): UserWorkspaceConfig {
  return {
    resolve: {
      // Tests run on the sources, so that no build is needed before `npm test`.
      alias: [
        { find: /^@faceanim\/media$/, replacement: src('media/src/node/index.ts') },
        { find: /^@faceanim\/([^/]+)$/, replacement: src('$1/src/index.ts') },
        { find: /^@faceanim\/([^/]+)\/([^/]+)$/, replacement: src('$1/src/$2/index.ts') },
      ],
    },
    test: {
      name,
      // The gradients of tfjs are hundreds of modules: bundled once, they do not cost each test file three seconds.
      deps: {
        optimizer: { ssr: { enabled: true, include: ['@tensorflow/tfjs-core/dist/register_all_gradients'] } },
      },
      setupFiles: [tool('one-thread.ts')],
      execArgv: ['--import', pathToFileURL(tool('end-with-vitest.mjs')).href],
      // Generous, since tests run in parallel on machines of any speed.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      expect: { poll: { timeout: 240_000 } },
      tags,
      ...test,
    },
  };
}

export default defineConfig({
  test: {
    globalSetup: [tool('temporary-folder.ts')],
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    tags,
    projects: [
      project('sharing', {
        isolate: false,
        include: sharing,
        setupFiles: [tool('one-thread.ts'), tool('quiet-tfjs.ts')],
      }),
      project('alone', { include: all, exclude: sharing }),
    ],
  },
});
