import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@faceanim/core';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import * as browser from '../src/browser';
import type { ReadImageOptions } from '../src/image-options';
import * as node from '../src/node';
import type { ReadVideoOptions, Video, VideoFrame } from '../src/video';

/** What code that runs on both sides may rely on; the compiler checks it. */
interface OneInterface {
  readImage(source: string, options?: ReadImageOptions): Promise<RgbImage>;
  openVideo(source: string): Promise<Video>;
  readVideo(source: string, options?: ReadVideoOptions): AsyncGenerator<VideoFrame>;
}

it('is the same for Node and for browsers', () => {
  const sides: OneInterface[] = [node, browser];
  for (const side of sides) expect(Object.keys(side)).toContain('readImage');
  expect(Object.keys(node)).toEqual(expect.arrayContaining(Object.keys(browser)));
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
  expect([...packages].sort()).toEqual(['@faceanim/tensor', '@faceanim/tensor/options', 'mediabunny']);
});
