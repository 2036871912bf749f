import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as esbuild from 'esbuild';

/** The files of a folder, by their paths on a server. */
export function served(from, at) {
  const entries = readdirSync(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(files.map((file) => [at + relative(from, file), file]));
}

/** Packages that are installed in a folder, as a CDN serves them: each as a module for browsers, `/NAME.js`. */
export async function servedModules(names, folder) {
  const outdir = join(folder, 'built/others');
  await esbuild.build({
    ...{ entryPoints: names.map((name) => ({ in: name, out: name })), absWorkingDir: folder, outdir },
    ...{ bundle: true, splitting: true, format: 'esm', logLevel: 'silent' },
  });
  return served(outdir, '/');
}
