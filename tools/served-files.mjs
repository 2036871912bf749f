import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as esbuild from 'esbuild';
import { root } from './packages.mjs';

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

/** A page that takes modules from a CDN, and the same modules as installed in a folder; they are to have the page's versions. */
export async function withoutCdn(html, folder) {
  const cdn = /https:\/\/cdn\.jsdelivr\.net\/npm\/(.+)@(.+)\/\+esm/g;
  const names = [];
  for (const [, name, version] of html.matchAll(cdn)) {
    const installed = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8')).version;
    assert.equal(version, installed, `the page takes ${name} ${version}`);
    names.push(name);
  }
  return {
    ...(await servedModules(names, folder)),
    '/index.html': Buffer.from(html.replace(cdn, '/$1.js')),
  };
}
