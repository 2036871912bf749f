import reference from '../../typedoc.config.mjs';

// The API reference as pages of the site. `npm run docs` checks it and makes one that stands alone.
const { projectDocuments: _, customCss: __, plugin, ...rest } = reference;
export default {
  ...rest,
  plugin: [
    ...plugin,
    new URL('../node_modules/typedoc-plugin-markdown/dist/index.js', import.meta.url).pathname,
    new URL('../node_modules/typedoc-vitepress-theme/dist/index.js', import.meta.url).pathname,
  ],
  out: '../reference',
  docsRoot: '..',
  readme: 'none',
  // The site's own pages are not in it.
  treatValidationWarningsAsErrors: false,
  validation: false,
};
