// Copies what all packages have in common from the root's package.json into theirs: where the project lives, its licence
// (a package may add others, of parts that it bundles) and its versions of Node. `--check` only says which differ.
// usage: node tools/sync-manifests.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { packages, root } from './packages.mjs';

const common = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const checkOnly = process.argv.includes('--check');
const different = [];

for (const { dir, name } of packages) {
  const file = `${dir}/package.json`;
  const before = readFileSync(file, 'utf8');
  const { version, description, keywords = [], license = '', ...rest } = JSON.parse(before);
  for (const key of ['name', 'homepage', 'bugs', 'repository', 'engines']) delete rest[key];
  const after = {
    name: `@faceanim/${name}`,
    version,
    description,
    keywords: [...new Set([...common.keywords, ...keywords])],
    homepage: common.homepage,
    bugs: common.bugs,
    repository: { ...common.repository, directory: `packages/${name}` },
    license: license.startsWith(`${common.license} AND `) ? license : common.license,
    engines: common.engines,
    ...rest,
  };
  const text = `${JSON.stringify(after, null, 2)}\n`;
  if (text === before) continue;
  different.push(file);
  if (!checkOnly) writeFileSync(file, text);
}

if (checkOnly && different.length > 0) {
  console.error(`Run \`node tools/sync-manifests.mjs\`:\n${different.join('\n')}`);
  process.exit(1);
}
