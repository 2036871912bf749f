import { afterEach, expect, it, vi } from 'vitest';
import { openPackFiles } from '../../src/packs/pack-files';

afterEach(() => vi.unstubAllGlobals());

it.each([
  [
    new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
    'the server sent a web page; the address is probably wrong',
  ],
  [new Response('', { status: 404, statusText: 'Not Found' }), 'the server answered 404 Not Found'],
])('says what the server sent in place of a pack: %#', async (response, reason) => {
  vi.stubGlobal('fetch', async () => response);
  await expect(openPackFiles(new URL('https://example.org/avatar/'))).rejects.toMatchObject({
    code: 'io',
    message: `https://example.org/avatar/manifest.json could not be read: ${reason}.`,
  });
});
