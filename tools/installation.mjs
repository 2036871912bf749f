import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packages, root } from './packages.mjs';
import { run } from './run.mjs';

/**
 * A new folder with every package as its users get it: packed by npm and unpacked into node_modules. Third-party
 * packages are links to the repository's own, so no network is needed. Returns the folder and each package with its
 * `tarball`, its `size` in bytes, its `files` and the folder `at` which it is installed.
 */
export function installPackages() {
  const folder = mkdtempSync(join(tmpdir(), 'faceanim-packages-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  linkDependencies(modules);
  return {
    folder,
    installed: packAll(folder).map((each) => {
      const at = join(modules, each.manifest.name);
      unpack(each.tarball, each, at);
      return { ...each, at };
    }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function linkDependencies(modules) {
  for (const entry of readdirSync(`${root}node_modules`)) {
    if (entry !== '@faceanim' && !entry.startsWith('.'))
      symlinkSync(`${root}node_modules/${entry}`, join(modules, entry));
  }
}

/** In one call, since npm takes its time to start. */
function packAll(folder) {
  const workspaces = packages.map(({ manifest }) => `--workspace=${manifest.name}`);
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...workspaces], root),
  );
  return packages.map((each) => {
    const { filename, size, files } = packed.find(({ name }) => name === each.manifest.name);
    return { ...each, tarball: join(folder, filename), size, files: files.map(({ path }) => path) };
  });
}

function unpack(tarball, { dir }, target) {
  mkdirSync(target, { recursive: true });
  run('tar', ['xzf', tarball, '-C', target, '--strip-components=1']);
  if (existsSync(`${dir}/node_modules`)) symlinkSync(`${dir}/node_modules`, join(target, 'node_modules'));
}
