import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MarkdownRenderer } from 'vitepress';
import { placeOf } from './place-of';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes the relative links of the documentation work on the site: those to other documents lead to their pages, and those to
 * files that are no pages, such as source code and model cards, to the repository.
 */
export function repositoryLinks(markdown: MarkdownRenderer, repository: string): void {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (!href || /^([a-z]+:|#|\/)/.test(href)) continue;
      const [, link, anchor] = /^([^#]*)(.*)$/.exec(href)!;
      const file = resolve(dirname(env.realPath ?? env.path), decodeURI(link!));
      const path = relative(root, file);
      if (path.startsWith('docs/reference') || !existsSync(file)) continue;
      token.attrSet('href', isPage(path) ? pageOf(path) + anchor : `${repository}/blob/main/${path}`);
    }
  });
}

const isPage = (path: string) => path.endsWith('.md') && path !== 'README.md' && !path.includes('/assets/');

const pageOf = (path: string) => `/${placeOf(path).replace(/(index)?\.md$/, '')}`;
