import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { expect, it } from 'vitest';

const root = new URL('../../..', import.meta.url);

/** Prints whether the symbols and the methods named by them exist, and how many tensors are left. */
const program = `
  import { FrozenConv } from '@faceanim/tensor';
  import { tinyGenerator } from '@faceanim/core/testing';
  import { avatarPack } from '@faceanim/models';
  import { openBackend } from '@faceanim/backend-node';
  import * as tf from '@tensorflow/tfjs-core';
  await using backend = await openBackend({ prefer: 'js' });
  {
    using pack = await avatarPack({ fanModules: 1, folder: new URL('${root}packages/models/assets/avatar/') });
    using tiny = tinyGenerator();
  }
  console.log(typeof Symbol.dispose, typeof FrozenConv.prototype[Symbol.dispose], tf.memory().numTensors);
`;

/** Resolves the packages to their sources, so that no build is needed. */
const sources: Plugin = {
  name: 'sources',
  setup(build) {
    build.onResolve({ filter: /^@faceanim\// }, ({ path }) => {
      const [, name, subpath = ''] = /^@faceanim\/([^/]+)(\/.+)?$/.exec(path)!;
      return { path: `${fileURLToPath(root)}packages/${name}/src${subpath}/index.ts` };
    });
  },
};

it('every package disposes in a runtime without Symbol.dispose', async () => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // One copy of TensorFlow.js for all importers.
    mainFields: ['module', 'main'],
    logLevel: 'error',
    plugins: [sources],
    external: ['sharp', 'webgpu', '@tensorflow/tfjs-backend-w*'],
    // TensorFlow.js loads Node's modules by `require`.
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf('${root}');`,
    },
  });
  const imports = ['--import', `${root}tools/smoke/without-dispose-symbols.mjs`];
  const { stdout, stderr } = spawnSync(process.execPath, [...imports, '--input-type=module', '-'], {
    cwd: root,
    input: outputFiles[0]!.text,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.trim()).toBe('symbol function 0');
});
