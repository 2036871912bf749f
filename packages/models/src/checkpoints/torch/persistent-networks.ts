import type { NetworkDescription } from '../format';
import { configBudget, plainData } from './plain-data';
import { childrenOf, itemsOf, nameOf, persistentMeta } from './state-dict';

/** Networks are at the top of a file or nested a few levels deep. */
const MAX_DEPTH = 4;
/** The most networks in one file; published ones have four. */
const MAX_NETWORKS = 64;
/** The most values to look at. */
const MAX_VALUES = 100_000;

/**
 * Finds the networks below `root` that were pickled by NVIDIA's `torch_utils.persistence`, which keeps the arguments they
 * were built with, by name; a network that is `root` itself has the name ''. Parts of a network are not listed.
 */
export function describeNetworks(root: unknown): Map<string, NetworkDescription> {
  const networks = new Map<string, NetworkDescription>();
  const budget = configBudget();
  let values = 0;
  const walk = (value: unknown, name: string, depth: number): void => {
    if (networks.size === MAX_NETWORKS) return;
    const meta = persistentMeta(value);
    if (meta) {
      const className = meta.get('class_name');
      const config = plainData(itemsOf(meta.get('state'))?.get('_init_kwargs') ?? null, budget);
      networks.set(name, {
        className: typeof className === 'string' ? className : 'unknown',
        config: typeof config === 'object' && config !== null ? (config as Record<string, unknown>) : {},
      });
      return;
    }
    if (depth === MAX_DEPTH) return;
    for (const [key, child] of childrenOf(value)) {
      if (++values > MAX_VALUES) return;
      const part = nameOf(key);
      if (part !== undefined) walk(child, name === '' ? part : `${name}.${part}`, depth + 1);
    }
  };
  walk(root, '', 0);
  return networks;
}
