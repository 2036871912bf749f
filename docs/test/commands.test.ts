import { existsSync, readFileSync } from 'node:fs';
import type { CommanderError } from 'commander';
import { expect, it, vi } from 'vitest';
import { createProgram } from '../../packages/cli/src/program';
import { documents, root } from './documents';

const read = (path: string) => readFileSync(root + path, 'utf8');
const json = (path: string) => JSON.parse(read(path));
// The documents name them once, in variables.
vi.stubEnv('FACEANIM_REDIS', 'redis://localhost:6379');
vi.stubEnv('FACEANIM_STORAGE', '/mnt/faceanim');

const signal = new AbortController().signal;
const { scripts } = json('package.json');
const known = new Set([
  ...Object.keys(json('package-lock.json').packages).map((path) => path.replace(/^node_modules\//, '')),
  ...['node', 'web'].flatMap((name) =>
    Object.keys(json(`packages/backend-${name}/package.json`).peerDependencies),
  ),
]);

it.each(documents)('%s has commands that exist, with flags and files that exist', async (document) => {
  const wrong: string[] = [];
  for (const command of commandsIn(read(document))) {
    const problem = await problemOf(command);
    if (problem) wrong.push(`${command}: ${problem}`);
  }
  expect(wrong).toEqual([]);
});

/** The lines of the shell blocks of a document, without comments. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block!
      .replace(/\\\n\s*/g, '')
      .replace(/(^|\s)#.*/g, '')
      .split(/\n|&&/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}

async function problemOf(command: string): Promise<string | undefined> {
  const [program, ...args] = command.replace(/^npx (@faceanim\/cli|faceanim) /, 'faceanim ').split(/\s+/);
  const missing = args.find(
    (arg) => /^(docs|examples|packages|tools)\/[^*]*$/.test(arg) && !existsSync(root + arg),
  );
  if (missing) return `there is no ${missing}`;
  if (program === 'faceanim') return parse(args);
  if (program !== 'npm') return undefined;
  if (args[0] === 'install') return unknownPackage(args);
  if (args[0] !== 'run') return undefined;
  const [, script, , ...rest] = args;
  if (!Object.hasOwn(scripts, script!)) return `there is no script ${script}`;
  if (script === 'demo') return parse(['demo', ...rest]);
  return script === 'bench' && rest.length > 0 && rest[0] !== 'NAME' ? unknownBenchmark(rest) : undefined;
}

/** Parses a command line as `faceanim` does, and runs nothing. */
async function parse(args: string[]): Promise<string | undefined> {
  let said = '';
  const program = createProgram(args, signal);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().action(() => {});
    command.configureOutput({ writeOut() {}, writeErr() {}, outputError: (text) => (said += text) });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // --help ends in an error, too.
    if ((error as CommanderError).exitCode !== 0) said ||= String(error);
  }
  return said === '' ? undefined : said.trim();
}

/** Packages that no package here uses may be misspelt. */
function unknownPackage(args: readonly string[]): string | undefined {
  const name = args.slice(1).find((arg) => !/^-|^\/|\.tgz$/.test(arg) && !known.has(arg));
  return name && `no package needs ${name}`;
}

function unknownBenchmark([name, ...flags]: readonly string[]): string | undefined {
  const file = `benchmarks/${name}.bench.ts`;
  if (!existsSync(root + file)) return `there is no ${file}`;
  const source = read(file);
  const flag = flags.find((word) => word.startsWith('--') && !source.includes(word.slice(2)));
  return flag && `${file} does not know ${flag}`;
}

it('flags in the text are flags of a command', () => {
  const program = createProgram([], signal);
  const flags = new Set(program.commands.flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])));
  // `faceanim look` has a flag for each factor of the generator.
  const { columns } = json('packages/models/assets/avatar/factors.json');
  for (const { name } of columns) flags.add(`--${name}`);
  // Those of docs/benchmarks.md are flags of benchmarks.
  const texts = documents.filter((path) => /^(README|docs\/(?!benchmarks)|packages\/cli)/.test(path));
  const unknown = texts.flatMap((text) =>
    [
      ...read(text)
        .replace(/^```[\s\S]*?^```/gm, '')
        .matchAll(/`(--[a-z\d-]+)/g),
    ].flatMap(([, flag]) => (flags.has(flag!) ? [] : `${text}: ${flag}`)),
  );
  expect(unknown).toEqual([]);
});
