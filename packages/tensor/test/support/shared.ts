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

/**
 * Files of a fixture folder that match, as full paths in order; empty where the folder is absent.
 *
 * @param companions endings, such as `.json`, that a file must lie beside in place of its own ending
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

/** What a test says that needs these files of the fixtures, `formats/nested.pth`, where any is absent. */
export function missingFixtures(...names: readonly string[]): string | undefined {
  const dir = fixturesDir();
  const absent = names.filter((name) => !dir || !existsSync(join(dir, name)));
  return absent.length === 0 ? undefined : `skipped: the fixtures lack ${absent.join(', ')}`;
}

/** Full path of a file that {@link missingFixtures} has not missed. */
export function fixturePath(name: string): string {
  return join(fixturesDir()!, name);
}

/** What a test prints when it is skipped for want of `../shared`. */
export const missingShared = '../shared is absent: oracle tests are skipped';
