import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { folderUrl } from '../../src/packs/pack-folder';

afterEach(() => vi.unstubAllGlobals());

const href = async (folder: string | URL) => (await folderUrl(folder)).href;

it('in Node, a folder is a path or an address', async () => {
  expect(await href('models/my avatar')).toBe(`${pathToFileURL(resolve('models/my avatar'))}/`);
  expect(await href('https://example.org/avatar')).toBe('https://example.org/avatar/');
  await expect(folderUrl('https://')).rejects.toMatchObject({ code: 'invalid-option' });
});

it('in a page, a folder is an address relative to it', async () => {
  vi.stubGlobal('location', { href: 'https://example.org/app/index.html?x' });
  expect(await href('/avatar')).toBe('https://example.org/avatar/');
  expect(await href('models/avatar/')).toBe('https://example.org/app/models/avatar/');
  expect(await href('https://cdn.example/avatar')).toBe('https://cdn.example/avatar/');
});

it('a URL that is given is not changed', async () => {
  const given = new URL('https://example.org/avatar');
  expect(await href(given)).toBe('https://example.org/avatar/');
  expect(given.href).toBe('https://example.org/avatar');
});
