import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, expectTypeOf, it } from 'vitest';
import type * as declared from '../src';
import * as browser from '../src/browser';
import * as node from '../src/node';

it('is the same for Node and for browsers', () => {
  // The compiler checks these two.
  expectTypeOf<typeof node>().toEqualTypeOf<typeof declared>();
  expectTypeOf<typeof browser>().toEqualTypeOf<typeof declared>();
  expect(Object.keys(browser)).toEqual(Object.keys(node));
});

it('reaches nothing of Node from the side of browsers', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../src/browser/index.ts', import.meta.url))],
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'browser', outdir: 'nowhere' },
    // Without the paths of our tsconfig, which lead to sources, our packages are external too.
    ...{ packages: 'external', tsconfigRaw: {}, write: false, metafile: true, logLevel: 'silent' },
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const packages = new Set(imported.filter((path) => !path.startsWith('nowhere/')));
  expect([...packages].sort()).toEqual([
    '@faceanim/core/options',
    '@faceanim/tensor/errors',
    '@faceanim/tensor/options',
    'gifenc',
    'mediabunny',
  ]);
});

it('loads no TensorFlow.js on either side, not even by way of our other packages', async () => {
  for (const side of ['browser', 'node'] as const) {
    const { metafile } = await build({
      entryPoints: [fileURLToPath(new URL(`../src/${side}/index.ts`, import.meta.url))],
      ...{ bundle: true, splitting: true, format: 'esm', platform: side, outdir: 'nowhere' },
      ...{ external: ['sharp'], write: false, metafile: true, logLevel: 'silent' },
    });
    const files = Object.keys(metafile.inputs);
    expect(files).toContain('packages/core/src/options/index.ts');
    expect(files.filter((file) => file.includes('@tensorflow'))).toEqual([]);
  }
});
