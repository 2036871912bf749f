#!/usr/bin/env node
// A file of the checkout and not of the build, so that npm can link the command before anything is built.
import { existsSync } from 'node:fs';

const program = new URL('../dist/bin.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('faceanim is not built yet: run `npm run build:js` in the repository.');
  process.exitCode = 1;
}
