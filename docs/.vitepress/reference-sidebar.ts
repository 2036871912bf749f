import { readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

/** What typedoc has written: modules, their categories, and what these hold. */
const modules: DefaultTheme.SidebarItem[] = JSON.parse(
  readFileSync(new URL('../reference/typedoc-sidebar.json', import.meta.url), 'utf8'),
);

/** One sidebar for each module of the API reference. A single one would be most of every page. */
export function referenceSidebar(): DefaultTheme.SidebarMulti {
  const links = modules.map(({ text, link }) => ({ text, link }));
  const sidebars = modules.map(({ text, link, items = [] }) => [
    link!,
    [
      { text, items: items.map((category) => ({ ...category, collapsed: false })) },
      { text: 'Modules', collapsed: true, items: links },
    ],
  ]);
  return { ...Object.fromEntries(sidebars), '/reference/': links };
}
