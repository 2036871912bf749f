import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, with a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const markdownIn = (folder: string) =>
  readdirSync(root + folder).flatMap((name) => (name.endsWith('.md') ? `${folder}${name}` : []));

/** The documentation: paths from the root. */
export const documents = [
  ...['', 'docs/', 'examples/', 'benchmarks/'].flatMap(markdownIn),
  ...readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`),
];
