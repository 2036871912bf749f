import { readdirSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { avatarFiles } from '../../src/avatar-files';
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
    hint: 'Serve the files of node_modules/@faceanim/models/assets/avatar at https://example.org/avatar/, or pass their address as `folder`.',
  });
});

it('lists every file of the bundled pack', async () => {
  const { manifest } = await openPackFiles();
  const files = readdirSync(new URL('../../assets/avatar/', import.meta.url));
  const listed = files.filter((name) => /\.(safetensors|json)$/.test(name) && name !== 'manifest.json');
  expect(Object.keys(avatarFiles).sort()).toEqual(listed.sort());
  expect(Object.keys(manifest.files).sort()).toEqual(listed.sort());
});
