import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The folder `shared` beside the project, with weights, media and reference numbers; undefined if absent. */
export function sharedDir(): string | undefined {
  const dir = resolve(root, '../shared');
  return existsSync(dir) ? dir : undefined;
}

/** The folder of fixtures: `FACEANIM_FIXTURES` or `../shared/fixtures`; undefined if absent. */
export function fixturesDir(): string | undefined {
  const dir = process.env.FACEANIM_FIXTURES ?? resolve(root, '../shared/fixtures');
  return existsSync(dir) ? dir : undefined;
}

/**
 * The full paths of matching files in a fixture folder, sorted; empty if the folder is absent.
 *
 * @param companions extensions, such as `.json`, of files that must exist beside each
 */
export function listFixtures(
  folder: string,
  pattern: RegExp,
  companions: readonly `.${string}`[] = [],
): string[] {
  const dir = fixturesDir();
  if (!dir || !existsSync(join(dir, folder))) return [];
  return readdirSync(join(dir, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(dir, folder, name))
    .filter((path) => companions.every((ending) => existsSync(path.replace(/\.\w+$/, ending))));
}

/** Why a test that needs these fixtures, e.g. `formats/nested.pth`, is skipped; undefined if all are there. */
export function missingFixtures(...names: readonly string[]): string | undefined {
  const dir = fixturesDir();
  const absent = names.filter((name) => !dir || !existsSync(join(dir, name)));
  return absent.length === 0 ? undefined : `skipped: the fixtures lack ${absent.join(', ')}`;
}

/** The full path of a fixture that exists; see {@link missingFixtures}. */
export function fixturePath(name: string): string {
  return join(fixturesDir()!, name);
}

/** Why a test that needs `../shared` is skipped. */
export const missingShared = '../shared is absent: oracle tests are skipped';
