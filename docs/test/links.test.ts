import { existsSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { documents, root } from './documents';

const textOf = (path: string) => readFileSync(root + path, 'utf8').replace(/^```[\s\S]*?^```/gm, '');

/** Anchors of the headings, as GitHub makes them. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(documents)('%s links to files and headings that exist', (document) => {
  const links = [...textOf(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const broken = links.filter(([, file, anchor]) => {
    const path = file === '' ? document : normalize(`${dirname(document)}/${file}`);
    if (!existsSync(root + path)) return true;
    return anchor !== undefined && !anchorsOf(textOf(path)).includes(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

it('the sidebar of the site has every page, and the start page links to pages', () => {
  const pages = new Set(
    documents
      .filter((path) => /^docs\/(?!index|api-start)/.test(path))
      .map((path) => path.slice('docs'.length, -'.md'.length)),
  );
  const linksIn = (path: string) =>
    [...readFileSync(root + path, 'utf8').matchAll(/link: '?(\/[\w-]+)/g)].map(([, link]) => link!);
  expect(
    linksIn('docs/.vitepress/pages.ts')
      .filter((link) => pages.has(link))
      .sort(),
  ).toEqual([...pages].sort());
  expect(linksIn('docs/index.md').filter((link) => !pages.has(link))).toEqual([]);
});
