import { expect, it } from 'vitest';
import { importOptional } from '../../src/backends/optional-package';

const missing = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
const load = (error: Error) =>
  importOptional({ runtime: 'webgpu', name: 'webgpu' }, () => Promise.reject(error)).catch((e: unknown) => e);

it('returns the imported module', async () => {
  const about = { runtime: 'js', name: 'anything' };
  expect(await importOptional(about, () => Promise.resolve({ answer: 42 }))).toEqual({ answer: 42 });
});

it('the error for a missing package names the command that installs it', async () => {
  expect(await load(missing('webgpu'))).toMatchObject({
    code: 'backend-unavailable',
    message: 'The webgpu backend did not come up: webgpu is not installed.',
    hint: 'Run: npm install webgpu',
  });
});

it('knows a package that is missing from a bundle', async () => {
  for (const text of [
    "Failed to resolve module specifier 'webgpu'",
    'The specifier “webgpu” was a bare specifier, but was not remapped to anything.',
    "Module name, 'webgpu' does not resolve to a valid URL.",
    'Could not resolve "webgpu" imported by "@faceanim/backend-web". Is it installed?',
  ]) {
    expect(await load(new TypeError(text))).toMatchObject({ hint: 'Run: npm install webgpu' });
  }
});

it('the error for a package that does not load says why', async () => {
  for (const error of [missing('inside-of-it'), new Error('libvulkan.so.1: cannot open\nat …')]) {
    const { message, hint } = (await load(error)) as { message: string; hint: string };
    expect(message).toContain(`webgpu does not load (${error.message.split('\n')[0]})`);
    expect(hint).toBe('Install it again: npm install webgpu');
  }
});
