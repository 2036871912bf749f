import { TensorBag } from '@faceanim/tensor';
import { type LatentSpace, type LatentSpaceName, latentSpace } from '../latents/latent-space';
import { type LatentStatistics, latentStatistics } from '../latents/statistics';
import type { ProjectSequenceOptions } from './options';

/** What several runs with the same generator share. */
export interface Session extends Disposable {
  readonly statistics: LatentStatistics;
  /** A latent space of the generator; opened on the active backend at first use. */
  space(name: LatentSpaceName): LatentSpace;
}

/** Opens a session; computes the latent statistics unless they are given. */
export async function openSession(
  options: Pick<ProjectSequenceOptions, 'generator' | 'statistics' | 'backend' | 'signal' | 'onProgress'>,
): Promise<Session> {
  const { generator, statistics: given, backend, signal, onProgress } = options;
  const statistics =
    given && 'mean' in given
      ? given
      : await latentStatistics(generator, { ...given, backend, signal, onProgress });
  const owned = new TensorBag();
  const spaces = new Map<LatentSpaceName, LatentSpace>();
  return {
    statistics,
    space(name) {
      const known = spaces.get(name);
      if (known) return known;
      const space = owned.use(latentSpace(name, statistics, generator.numWs));
      spaces.set(name, space);
      return space;
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
