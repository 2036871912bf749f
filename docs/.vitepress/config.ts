import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import manifest from '../../package.json' with { type: 'json' };
import { pages } from './pages';
import { placeOf } from './place-of';
import { referenceSidebar } from './reference-sidebar';
import { repositoryLinks } from './repository-links';
import { copyStudio, offerStudio, studioLinks } from './studio';
import { vueForAllPages } from './vue-for-all-pages';

const repository = manifest.homepage.replace(/#.*/, '');
// For hosting below a path: SITE_BASE=/faceanim/ npm run docs:build
const base = process.env.SITE_BASE ?? '/';

export default defineConfig({
  title: 'faceanim',
  description: manifest.description,
  base,
  head: [['link', { rel: 'icon', href: `${base}favicon.svg`, type: 'image/svg+xml' }]],
  cleanUrls: true,
  // The list of pages once, instead of in each of them.
  metaChunk: true,
  // READMEs of packages and notes of benchmarks are pages, too.
  srcDir: '..',
  srcExclude: [
    '**/node_modules/**',
    '**/dist/**',
    'out/**',
    '.changeset/**',
    'packages/*/assets/**',
    'docs/api/**',
    'docs/api-start.md',
    'README.md',
  ],
  rewrites: placeOf,
  transformPageData: offerStudio,
  buildEnd: copyStudio,
  markdown: {
    math: true,
    // As on GitHub, so that a link works in both places.
    anchor: {
      slugify: (heading) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
    },
    config: (markdown) => repositoryLinks(markdown, repository),
  },
  vite: { plugins: [vueForAllPages], publicDir: fileURLToPath(new URL('../public', import.meta.url)) },
  themeConfig: {
    logo: '/favicon.svg',
    nav: [
      { text: 'Guide', link: '/guide' },
      { text: 'API', link: '/reference/' },
      { text: 'Examples', link: '/examples/' },
      { text: 'Benchmarks', link: '/benchmarks' },
      ...studioLinks,
    ],
    sidebar: {
      ...referenceSidebar(),
      '/': pages,
    },
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    footer: { message: 'Code: MIT. Weights of the bundled pack: CC0 1.0, with one notice to keep.' },
  },
});
