import { delimiter, resolve } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { commandLine } from '../../src/terminal/command-line';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Pretends that a script, whose place is absolute or in the working directory, was started. */
function started(script: string, { path = '/usr/bin', npm }: { path?: string; npm?: string } = {}): void {
  vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', resolve(script)]);
  vi.stubEnv('PATH', path);
  vi.stubEnv('npm_command', npm);
}

const local = 'node_modules/.bin/faceanim';
const withLocal = [resolve('node_modules/.bin'), '/usr/bin'].join(delimiter);

it.each<[string, Parameters<typeof started>, string]>([
  ['on the path', ['/usr/bin/faceanim'], 'faceanim'],
  ['of a project, by its file', [local], 'node node_modules/.bin/faceanim'],
  ['of a project, by npx', [local, { path: withLocal, npm: 'exec' }], 'npx @faceanim/cli'],
  ['of a project, by a script of npm', [local, { path: withLocal, npm: 'run-script' }], 'npx @faceanim/cli'],
  ['of a project, by a script of another package manager', [local, { path: withLocal }], 'npx @faceanim/cli'],
  ['on the path, by a script of npm', ['/usr/bin/faceanim', { npm: 'run-script' }], 'faceanim'],
  ['of a checkout', ['packages/cli/dist/bin.js'], 'node packages/cli/dist/bin.js'],
  ['of a checkout, by a script of npm', ['dist/bin.js', { npm: 'run-script' }], 'node dist/bin.js'],
  ['in a folder with a space', ['my tools/bin.js'], "node 'my tools/bin.js'"],
])('a program %s is started again in the same way', (_, given, expected) => {
  started(...given);
  expect(commandLine(['demo', '--resume'])).toBe(`${expected} demo --resume`);
});

it('quotes words for a shell', () => {
  const words = ['animate', '--look', 'a look.png', '--out', "it's.mp4", '--weights', 'jaw=1,eyes=2'];
  expect(commandLine(words)).toMatch(
    / animate --look 'a look\.png' --out 'it'\\''s\.mp4' --weights jaw=1,eyes=2$/,
  );
});
