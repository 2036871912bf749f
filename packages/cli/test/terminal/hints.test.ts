import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { explain } from '../../src/terminal/exit';
import { onCommandLine } from '../../src/terminal/hints';
import { faceanim } from '../support';

const sourcesOf = (name: string) => {
  const folder = fileURLToPath(new URL(`../../../${name}/src`, import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [join(name, file), readFileSync(join(folder, file), 'utf8')] as const);
};
const sources = ['tensor', 'core', 'models', 'media', 'backend-node', 'backend-web'].flatMap(sourcesOf);

it('the SDK knows no flags of the command', async () => {
  const commands = ['animate', 'render', 'look', 'demo', 'inspect', 'import', 'fit-encoder', 'doctor'];
  const help = await Promise.all(commands.map(async (name) => (await faceanim([name, '--help'])).stdout));
  const flags = new Set(help.flatMap((text) => [...text.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag!)));
  expect(flags.size).toBeGreaterThan(40);
  expect(sources.length).toBeGreaterThan(100);
  const flag = new RegExp(`(${[...flags].join('|')})\\b|\\bfaceanim (${commands.join('|')})\\b`);
  // Comments may say what writes a file; sips is a command of macOS.
  const code = (text: string) => text.replace(/^\s*(\*|\/[/*]).*/gm, '').replace(/`sips .*?`/, '');
  const knowing = sources.filter(([, text]) => flag.test(code(text))).map(([name]) => name);
  expect(knowing).toEqual([]);
});

it.each(Object.entries(onCommandLine))('"%s" of the SDK becomes "%s"', (sdk, flag) => {
  expect([...sources, ...sourcesOf('jobs')].some(([, text]) => text.includes(sdk))).toBe(true);
  const { text } = explain(new FaceanimError('io', 'It failed.', { hint: `First ${sdk} now.` }));
  expect(text).toBe(`error: It failed.\n  First ${flag} now.`);
});

it.each([
  ['device-lost', /choose another --backend/],
  ['out-of-memory', /--fan-modules 1 or --low-memory/],
] as const)('%s has advice in flags', (code, expected) => {
  expect(explain(new FaceanimError(code, 'It failed.', { hint: 'In code.' })).text).toMatch(expected);
});
