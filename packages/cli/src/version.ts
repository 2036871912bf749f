import { createRequire } from 'node:module';

/** The version, the same for all packages. */
export const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
