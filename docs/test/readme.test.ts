import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';

// `npm run check:packages` runs it.
it('the code of the README is plain JavaScript of Node 20', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, code] = readme.match(/```js\n([\s\S]*?)```/)!;
  // Types are errors to this loader; `using`, which Node 20 cannot parse, would need helpers.
  const { code: lowered } = await transform(code!, { loader: 'js', format: 'esm', target: 'node20' });
  expect(lowered).not.toContain('__using');
});
