import { relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

/** What a page imports that computes by itself, one that leaves it to a worker, and one that uses little. */
export const entries = {
  page: `
    import { openBackend } from '@faceanim/backend-web';
    import { interpolate, projectSequence, render } from '@faceanim/core';
    import { readImage, readVideo, writeVideo } from '@faceanim/media';
    import { avatarPack } from '@faceanim/models';
    console.log(openBackend, interpolate, projectSequence, render, readImage, readVideo, writeVideo, avatarPack);`,
  pageWithWorker: `
    import { createWorkerProjector } from '@faceanim/browser';
    console.log(createWorkerProjector);`,
  worker: "import '@faceanim/browser/faceanim-worker';",
  pageWithOneFunction: `
    import { interpolate } from '@faceanim/core';
    console.log(interpolate);`,
};

/** The most that our scripts for them may have, in kilobytes, compressed. */
export const budgets = { page: 160, pageWithWorker: 6, pageWithOneFunction: 50 };

/** Kilobytes, compressed, of our scripts that an entry loads before it runs, and what it imports from others then. */
export async function scriptSize(contents, resolveDir) {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents, resolveDir },
    ...{ bundle: true, splitting: true, minify: true, format: 'esm', platform: 'browser' },
    external: ['@tensorflow/*', '@vladmandic/*', '@zip.js/zip.js', 'mediabunny', 'ml-matrix'],
    tsconfigRaw: {}, // the packages as they are built
    ...{ outdir: 'bundle', write: false, metafile: true, logLevel: 'silent' },
  });
  // What is imported on demand is an entry point, too.
  const first = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === '<stdin>');
  const loaded = new Set([first]);
  for (const path of loaded)
    for (const { kind, path: next, external } of metafile.outputs[path].imports)
      if (kind === 'import-statement' && !external) loaded.add(next);
  const scripts = outputFiles.filter(({ path }) => loaded.has(relative(process.cwd(), path)));
  const eager = [...loaded].flatMap((path) => metafile.outputs[path].imports);
  return {
    kilobytes: scripts.reduce((sum, { contents }) => sum + gzipSync(contents).length / 1000, 0),
    imports: eager.flatMap(({ kind, external, path }) =>
      kind === 'import-statement' && external ? [path] : [],
    ),
  };
}
