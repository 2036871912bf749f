import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PageData, SiteConfig } from 'vitepress';

/** What `npm run studio:build` makes. Its addresses are relative, so that it works in any folder. */
const built = fileURLToPath(new URL('../../examples/studio/dist', import.meta.url));

/** The studio is a part of the site, but none of its pages: `target` keeps the router of the site from opening it. */
const studio = { text: 'Try it in your browser', link: '/try/', target: '_self' };

/** Links to the studio for the bar at the top: none where it has not been built. */
export const studioLinks = existsSync(join(built, 'index.html')) ? [studio] : [];

/** Offers the studio on the start page. */
export function offerStudio({ relativePath, frontmatter }: PageData): void {
  if (relativePath !== 'index.md') return;
  const [first, ...others] = frontmatter.hero.actions;
  frontmatter.hero.actions = [first, ...studioLinks.map((link) => ({ theme: 'alt', ...link })), ...others];
}

/** Copies the studio to where the links lead. */
export async function copyStudio({ outDir }: SiteConfig): Promise<void> {
  if (studioLinks.length > 0) await cp(built, join(outDir, studio.link), { recursive: true });
}
