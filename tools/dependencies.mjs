import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { root } from './packages.mjs';

const json = (file) => JSON.parse(readFileSync(root + file, 'utf8'));
/** Packages by their folders: ours with their manifests, and all that they install. */
const locked = json('package-lock.json').packages;

/** Licences that ask for nothing but their notice. */
const free = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT'];
/** What is used as it is, and stays replaceable: libvips in a library of its own, fonts, and mediabunny's files. */
const others = { '@img/sharp': 'LGPL-3.0-or-later', '@fontsource': 'OFL-1.1', mediabunny: 'MPL-2.0' };

/** Checks the licences of all that users install with the packages or load with the examples, and returns its number. */
export function checkLicences() {
  const installed = Object.entries(locked).filter(
    ([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link,
  );
  const wrong = installed.flatMap(([path, { license }]) => {
    const name = path.split('node_modules/').at(-1);
    // Old manifests have a list.
    const expression =
      license ??
      json(`${path}/package.json`)
        .licenses?.map(({ type }) => type)
        .join(' OR ');
    const allowed = (id) =>
      free.includes(id) || Object.entries(others).some(([of, its]) => name.startsWith(of) && id === its);
    const alternatives = `${expression}`.replace(/[()]/g, '').split(' OR ');
    return alternatives.some((each) => each.split(' AND ').every(allowed)) ? [] : [`${name}: ${expression}`];
  });
  assert.deepEqual(wrong, [], 'licences that are not in the list of tools/dependencies.mjs');
  return installed.length;
}

/** Packages of TensorFlow.js share one registry and reach into each other, so there must be one version of them. */
export function checkTfjs() {
  const ofTfjs = (name) => /^@tensorflow\/tfjs(-core|-backend-.*|-node.*)?$/.test(name);
  const named = Object.entries(locked).flatMap(([path, { version, ...manifest }]) => {
    const name = path.split('node_modules/').at(-1);
    if (path.includes('node_modules/')) return ofTfjs(name) ? [version] : [];
    const { dependencies, devDependencies, peerDependencies } = manifest;
    const peers = Object.entries(peerDependencies ?? {}).map(([peer, range]) => [
      peer,
      range.replace(/^\^/, ''),
    ]);
    const all = [...Object.entries({ ...dependencies, ...devDependencies }), ...peers];
    return all.flatMap(([other, range]) => (ofTfjs(other) ? [range] : []));
  });
  assert.equal(new Set(named).size, 1, `versions of TensorFlow.js: ${[...new Set(named)].join(', ')}`);
}
