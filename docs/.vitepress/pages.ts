import type { DefaultTheme } from 'vitepress';

const packages = [
  'core',
  'models',
  'media',
  'backend-node',
  'backend-web',
  'browser',
  'jobs',
  'cli',
  'tensor',
];

/** The sidebar, except that of the API reference. */
export const pages: DefaultTheme.SidebarItem[] = [
  {
    text: 'Start',
    items: [
      { text: 'Get started', link: '/get-started' },
      { text: 'Your own photo, clip and network', link: '/own-files' },
      { text: 'Examples', link: '/examples/' },
    ],
  },
  {
    text: 'Use',
    items: [
      { text: 'Guide', link: '/guide' },
      { text: 'Command line', link: '/cli' },
      { text: 'In the browser', link: '/browser' },
      { text: 'Studio', link: '/studio' },
      { text: 'Many machines', link: '/jobs' },
      { text: 'Run folders', link: '/run-folder' },
      { text: 'Checkpoints', link: '/checkpoints' },
      { text: 'Backends', link: '/backends' },
    ],
  },
  {
    text: 'Understand',
    items: [
      { text: 'The method', link: '/method' },
      { text: 'Questions', link: '/questions' },
      { text: 'Other programs', link: '/other-programs' },
      { text: 'Consent and labels', link: '/consent' },
      { text: 'Reference mode', link: '/reference-mode' },
      { text: 'Benchmarks', link: '/benchmarks' },
    ],
  },
  {
    text: 'Extend',
    items: [
      { text: 'Extending', link: '/extending' },
      { text: 'Contributing', link: '/CONTRIBUTING' },
    ],
  },
  {
    text: 'Packages',
    collapsed: true,
    items: packages.map((name) => ({ text: `@faceanim/${name}`, link: `/packages/${name}` })),
  },
];
