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

export default {
  name: 'faceanim',
  plugin: [nameDocuments],
  entryPoints: libraries.flatMap(({ dir, interfaces }) => interfaces.map((name) => `${dir}/src/${name}.ts`)),
  projectDocuments: [
    'docs/guide.md',
    'docs/extending.md',
    'docs/backends.md',
    'docs/checkpoints.md',
    'docs/cli.md',
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
