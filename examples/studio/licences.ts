import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

/**
 * Lists the packages that the scripts contain, with their licences and notices, in a file of the build: a plugin for the page,
 * and one for the workers, which Vite's own `build.license` leaves out.
 */
export function licences(fileName: string): { page: Plugin; workers: () => Plugin[] } {
  const packages = new Set<string>();
  const note = (bundle: Rolldown.OutputBundle) => {
    for (const each of Object.values(bundle))
      if (each.type === 'chunk')
        for (const id of each.moduleIds) if (!id.startsWith('\0')) packages.add(packageOf(dirname(id)));
  };
  return {
    page: {
      name: 'licences',
      // The workers are built before.
      generateBundle(_, bundle) {
        note(bundle);
        const entries = new Set([...packages].map(entryOf).sort());
        this.emitFile({ type: 'asset', fileName, source: `# Licences\n${[...entries].join('')}` });
      },
    },
    workers: () => [{ name: 'licences-of-workers', generateBundle: (_, bundle) => note(bundle) }],
  };
}

/** The folder of the package that a folder belongs to. Some packages have manifests without a name further down. */
function packageOf(folder: string): string {
  const manifest = join(folder, 'package.json');
  const isPackage = existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version;
  return isPackage ? folder : packageOf(dirname(folder));
}

/** Its name and the texts that its licence asks to keep; nothing for what is not published, such as the studio itself. */
function entryOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (manifest.private) return '';
  const texts = [...textsIn(folder), ...textsIn(join(folder, weights))];
  return `\n## ${manifest.name} ${manifest.version} (${manifest.license})\n\n${texts.join('\n\n')}\n`;
}

/** Where the bundled networks are in their package, under a licence of their own. */
const weights = 'assets/avatar';

function textsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
}
