import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Pages outside of this folder find its node_modules, too. */
export const vueForAllPages: Plugin = {
  name: 'vue-for-all-pages',
  enforce: 'pre',
  resolveId(id, _importer, options) {
    if (!/^vue($|\/)/.test(id)) return null;
    // Rendered on the server, a page is a script in this folder.
    if (options.ssr) return { id, external: true };
    return this.resolve(id, fileURLToPath(import.meta.url), { ...options, skipSelf: true });
  },
};
