import { packages } from './tools/packages.mjs';

// Dependency order, except that tensor is last: few applications import it.
const [tensor, ...others] = packages.filter(({ program }) => !program);
const libraries = [...others, tensor];

/** Documents are called by their heading, not by their file. */
function nameDocuments({ converter }) {
  converter.on('createDocument', (_context, document) => {
    document.name = document.content[0].text.match(/^# (.*)/)[1];
  });
}

/** In search, what applications call comes before what authors of networks and packages do. */
function rankModules({ converter }) {
  converter.on('resolveEnd', ({ project }) => {
    for (const { name, children } of project.children)
      for (const each of children ?? []) each.relevanceBoost = boostOf(name);
  });
}

function boostOf(module) {
  if (module === '@faceanim/core') return 2;
  return /^@faceanim\/tensor|\/(options|testing)$/.test(module) ? 0.5 : 1;
}

export default {
  name: 'faceanim',
  plugin: [nameDocuments, rankModules],
  entryPoints: libraries.flatMap(({ dir, interfaces }) => interfaces.map((name) => `${dir}/src/${name}.ts`)),
  projectDocuments: [
    'docs/guide.md',
    'docs/browser.md',
    'docs/jobs.md',
    'docs/extending.md',
    'docs/backends.md',
    'docs/checkpoints.md',
    'docs/cli.md',
    'docs/run-folder.md',
    'docs/reference-mode.md',
    'docs/benchmarks.md',
  ],
  readme: 'docs/api-start.md',
  out: 'docs/api',
  customCss: 'docs/api-style.css',
  // Functions first; options and members as they are written, by topic.
  sort: ['kind', 'source-order'],
  kindSortOrder: [
    'Document',
    'Module',
    'Function',
    'Class',
    'Interface',
    'TypeAlias',
    'Variable',
    'Reference',
  ],
  // Then the groups of the options of projectSequence.
  groupOrder: ['Documents', 'Modules', 'Functions', 'Networks', 'What to animate', 'Method', 'Run', '*'],
  categorizeByGroup: false,
  categoryOrder: [
    'Run',
    'Live',
    'Look and driver',
    'Latents and pictures',
    'Losses',
    'Optimizers and presets',
    'Networks and backends',
    '*',
  ],
  navigation: { includeCategories: true },
  searchGroupBoosts: { Documents: 40 },
  sortEntryPoints: false,
  skipErrorChecking: true,
  excludePrivate: true,
  excludeInternal: true,
  searchInComments: true,
  searchInDocuments: true,
  validation: { notDocumented: true, notExported: true, invalidLink: true },
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias'],
  packagesRequiringDocumentation: libraries.map(({ manifest }) => manifest.name),
  treatValidationWarningsAsErrors: true,
};
