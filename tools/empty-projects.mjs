import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.mjs';
import { codeBlock, insideFunction, readmeCode } from './readme.mjs';
import { run } from './run.mjs';

const tsc = `${root}node_modules/.bin/tsc`;

/** What a strict user may ask for. */
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
};

/** A project with nothing but these files, below a folder with the installed packages. */
function project(folder, name, files) {
  const dir = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

/** An ES module that runs the code of the README. */
export function runModule(folder) {
  const dir = project(folder, 'esm', { 'package.json': { type: 'module' }, 'example.js': readmeCode() });
  runExample(dir);
}

/** The same in CommonJS. */
export function runCommonJs(folder) {
  const required = readmeCode().replace(/^import (\{.+\}) from (.+);$/gm, 'const $1 = require($2);');
  const code = insideFunction(required);
  runExample(project(folder, 'cjs', { 'package.json': { type: 'commonjs' }, 'example.js': code }));
}

/** The look and the driver of the README are those of the repository. */
function runExample(dir) {
  mkdirSync(join(dir, 'packages'));
  symlinkSync(`${root}packages/cli`, join(dir, 'packages/cli'));
  run(process.execPath, ['example.js'], dir);
}

/** What modern Node resolves, from ES modules and from CommonJS. */
export function checkNodeTypes(folder, entryPoints) {
  const all = exportAll(entryPoints);
  const types = { typeRoots: [`${root}node_modules/@types`], types: ['node'] };
  const compilerOptions = {
    module: 'node16',
    target: 'es2022',
    lib: ['es2022'],
    ...strict,
    ...types,
    noEmit: true,
  };
  run(
    tsc,
    [
      '-p',
      project(folder, 'node16', {
        'package.json': {},
        'tsconfig.json': { compilerOptions },
        'readme.mts': readmeCode(),
        'readme.cts': insideFunction(readmeCode()),
        'get-started.mts': codeBlock('docs/get-started.md', 'ts', 'animate.mts'),
        'all.mts': all,
        'all.cts': all,
      }),
    ],
    folder,
  );
}

/** What a bundler resolves, in a page: of Node there is nothing, and not all that is new in JavaScript. */
export function checkPageTypes(folder, entryPoints) {
  const forPages = entryPoints.filter((name) => !/backend-node|jobs|\/files/.test(name));
  const lib = ['es2022', 'dom', 'dom.iterable'];
  const bundler = { module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx', noEmit: true };
  const dir = project(folder, 'bundler', {
    'package.json': {},
    'tsconfig.json': { compilerOptions: { ...bundler, target: 'es2022', lib, types: [], ...strict } },
    'all.ts': exportAll(forPages),
    'get-started.ts': codeBlock('docs/get-started.md', 'ts', 'src/main.ts'),
    'page.ts': `
      import { openBackend } from '@faceanim/backend-web';
      import { createWorkerProjector } from '@faceanim/browser';
      import { projectSequence, type SequenceFrame } from '@faceanim/core';
      import { avatarPack } from '@faceanim/models';

      export async function* animate(driver: Blob): AsyncGenerator<SequenceFrame> {
        await using backend = await openBackend();
        using models = await avatarPack();
        using projector = await createWorkerProjector();
        yield* projector.project({ driver });
        yield* projectSequence({ ...models, backend, driver: [] });
      }`,
  });
  cpSync(`${root}examples/react`, join(dir, 'react'), { recursive: true });
  run(tsc, ['-p', dir], folder);
}

const exportAll = (names) => names.map((name, i) => `export * as module${i} from '${name}';`).join('\n');
