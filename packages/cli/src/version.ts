import { createRequire } from 'node:module';

/** Version of the packages, which share one. */
export const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
