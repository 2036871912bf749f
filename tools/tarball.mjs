import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

/** Whatever the built files import must be declared, and every declared dependency must be imported. */
export function checkDependencies({ manifest, at }) {
  const dist = join(at, 'dist');
  const used = new Set();
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!/\.(js|cjs|ts|cts)$/.test(file)) continue;
    const imports =
      /(?<!['"])(?:\bfrom|\bimport|\bimport\(|\brequire\d*(?:\.resolve)?\()\s*['"]([^'"\n]+)['"]/g;
    for (const [, specifier] of readFileSync(join(dist, file), 'utf8').matchAll(imports)) {
      if (!specifier.startsWith('.') && !isBuiltin(specifier))
        used.add(specifier.match(/^(@[^/]+\/)?[^/]+/)[0]);
    }
  }
  const { dependencies = {}, peerDependencies = {}, name } = manifest;
  const wrong = [
    ...[...used].filter((each) => each !== name && !(each in dependencies) && !(each in peerDependencies)),
    ...Object.keys(dependencies).filter((each) => !used.has(each)),
  ];
  if (wrong.length)
    throw new Error(`imported but not declared, or declared but not imported: ${wrong.join(', ')}`);
}

/** The README says below its title, in a paragraph of five lines at most, what the package is for. */
export function checkTexts({ manifest, at }) {
  const read = (file) => readFileSync(join(at, file), 'utf8');
  const [title, purpose] = read('README.md').split('\n\n');
  assert.equal(title, `# ${manifest.name}`);
  assert.match(purpose, /^(?!#|```).+(\n.+){0,4}$/);
  assert.match(read('LICENSE'), /^MIT License/);
}

/** What a tarball holds of others, and nothing else, has its licence in it and in the manifest. */
export function checkNotices({ manifest, at, files }) {
  const read = (file) => readFileSync(join(at, file), 'utf8');
  const licences = ['MIT'];
  const bundled = [
    ...new Set(files.filter((file) => /\.c?js$/.test(file)).flatMap((file) => bundledIn(read(file)))),
  ];
  const holds = (extension) => files.some((file) => file.endsWith(extension));
  if (bundled.length > 0 || holds('.wasm')) {
    for (const name of bundled) assert.match(name, /^@tensorflow\//);
    assert.match(read('LICENSE-TENSORFLOW.txt'), /Apache License/);
    licences.push('Apache-2.0');
  }
  if (holds('.wasm')) {
    assert.match(read('NOTICES.txt'), /XNNPACK/);
    licences.push('BSD-2-Clause', 'BSD-3-Clause');
  }
  if (holds('.safetensors')) {
    const { licence, licenceFile } = JSON.parse(read('assets/avatar/manifest.json'));
    assert.ok(read(`assets/avatar/${licenceFile}`).startsWith(`SPDX-License-Identifier: ${licence}\n`));
    licences.push(...licence.split(' AND '));
  }
  assert.equal(manifest.license, licences.join(' AND '));
}

/**
 * Packages whose code is in a script, by the comments of esbuild. The few lines of tsup that stand for `import.meta` in CommonJS
 * do not count.
 */
function bundledIn(script) {
  const comments = script.matchAll(/^\/\/ (?:\.\.\/)*node_modules\/(?!tsup\/)((?:@[^/]+\/)?[^/]+)/gm);
  return [...comments].map(([, name]) => name);
}

/** No sources, maps or tests, and no more than the budget. */
export function checkFiles({ files, size, budget }) {
  const built = /^(dist|bin|assets)\/|^(package\.json|README\.md|LICENSE[^/]*|NOTICES\.txt)$/;
  const wrong = files.filter((file) => !built.test(file) || /\.map$|(?<!\.d)\.[cm]?ts$/.test(file));
  assert.deepEqual(wrong, []);
  assert.ok(size <= 1000 * budget, `more than ${budget} kB`);
}
