import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/**
 * Builds the packages as they are now into `folder`/node_modules, for processes that a test starts: sources alone do not run
 * in Node.
 *
 * @returns the command-line program, and the folder from which scripts find the packages
 */
export function buildPackages(folder: string): { readonly faceanim: string[] } {
  const modules = join(folder, 'node_modules');
  const scope = join(modules, '@faceanim');
  mkdirSync(scope, { recursive: true });
  // tsup takes the package of its working folder for its own.
  execFileSync(process.execPath, ['tools/build.mjs', '--no-dts', '--into', scope], { cwd: root });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@faceanim') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const name of readdirSync(scope)) {
    for (const part of ['package.json', 'assets', 'node_modules']) {
      const source = join(root, 'packages', name, part);
      if (existsSync(source)) symlinkSync(source, join(scope, name, part));
    }
  }
  return { faceanim: [process.execPath, join(scope, 'cli/dist/bin.js')] };
}
