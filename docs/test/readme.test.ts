import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the code of the README is plain JavaScript of Node 20, and that of the example apart from types and using', async () => {
  const [, code] = read('README.md').match(/```js\n([\s\S]*?)```/)!;
  // Types are errors to this loader; `using`, which Node 20 cannot parse, would need helpers.
  const { code: lowered } = await transform(code!, { loader: 'js', format: 'esm', target: 'node20' });
  expect(lowered).not.toContain('__using');
  const statements = (text: string) =>
    text
      .replace(/\/\*.*?\*\/|\/\/.*|: Latent\[\]|type Latent, |await using|using|const|try \{|\?(?=\.)/g, '')
      .replace(/\} finally \{[\s\S]*/, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  expect(statements(code!)).toEqual(statements(read('examples/node/quick-start.ts')));
});
