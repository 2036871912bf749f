import { afterEach, expect, it, vi } from 'vitest';
import manifest from '../package.json';
import { addressOf, bundledPaths, checkServed, withSlash } from '../src/runtimes/wasm-files';

afterEach(() => vi.unstubAllGlobals());

const simd = 'tfjs-backend-wasm-simd.wasm';

it('a folder may end without a slash, and may be a URL', () => {
  for (const folder of ['/wasm', '/wasm/']) expect(withSlash(folder)).toBe('/wasm/');
  expect(withSlash(new URL('https://example.org/wasm'))).toBe('https://example.org/wasm/');
});

it('knows the file that tfjs will load', () => {
  expect(addressOf('/wasm/', 'simd')).toBe(`/wasm/${simd}`);
  expect(addressOf('/wasm/', 'plain')).toBe('/wasm/tfjs-backend-wasm.wasm');
  expect(addressOf(withSlash({ [simd]: '/a1b2.wasm' }), 'simd')).toBe('/a1b2.wasm');
});

it('says which address is wrong and what came back', async () => {
  const html = new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
  const answers = [html, new Response('', { status: 404 }), new Response('\0asm\x01')];
  const fetch = vi.fn(async () => answers.shift()!);
  vi.stubGlobal('fetch', fetch);
  await expect(checkServed('/a.wasm')).rejects.toMatchObject({
    code: 'backend-unavailable',
    message: 'The wasm backend did not come up: /a.wasm is not WebAssembly: got text/html.',
    hint: expect.stringContaining('wasmPaths'),
  });
  await expect(checkServed('/a.wasm')).rejects.toThrow(
    '/a.wasm could not be fetched: the server answered 404.',
  );
  await checkServed('/a.wasm');
  await checkServed('/a.wasm');
  expect(fetch).toHaveBeenCalledTimes(3);
});

it('has binaries for the version of tfjs that it is built with, and refuses others', () => {
  const { '@tensorflow/tfjs-backend-wasm': version } = manifest.devDependencies;
  expect(Object.keys(bundledPaths(version))).toContain(simd);
  expect(() => bundledPaths('4.99.0')).toThrow(
    'The wasm backend did not come up: @tensorflow/tfjs-backend-wasm is of version 4.99.0, the binaries here of 4.22.0.',
  );
});
