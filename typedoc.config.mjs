import { packages } from './tools/packages.mjs';

const libraries = packages.filter(({ program }) => !program);

export default {
  name: 'faceanim',
  entryPoints: libraries.flatMap(({ dir, modules }) => modules.map((name) => `${dir}/src/${name}.ts`)),
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
  skipErrorChecking: true,
  excludePrivate: true,
  excludeInternal: true,
  // Groups of the options of projectSequence.
  groupOrder: ['Networks', 'What to animate', 'Method', 'Run', '*'],
  searchInComments: true,
  searchInDocuments: true,
  validation: { notDocumented: true, notExported: true, invalidLink: true },
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias'],
  packagesRequiringDocumentation: libraries.map(({ manifest }) => manifest.name),
  treatValidationWarningsAsErrors: true,
};
