import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The folder `shared` beside the project with weights, media and oracle numbers; undefined where it is absent. */
export function sharedDir(): string | undefined {
  const dir = resolve(root, '../shared');
  return existsSync(dir) ? dir : undefined;
}

/** The oracle fixtures: `FACEANIM_FIXTURES` or `../shared/fixtures`; undefined where there are none. */
export function fixturesDir(): string | undefined {
  const dir = process.env.FACEANIM_FIXTURES ?? resolve(root, '../shared/fixtures');
  return existsSync(dir) ? dir : undefined;
}

/** Files of a fixture folder that match, as full paths in order; empty where the folder is absent. */
export function listFixtures(folder: string, pattern: RegExp): string[] {
  const dir = fixturesDir();
  if (!dir || !existsSync(join(dir, folder))) return [];
  return readdirSync(join(dir, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(dir, folder, name));
}

/** What a test prints when it is skipped for want of `../shared`. */
export const missingShared = '../shared is absent: oracle tests are skipped';
