import { FaceanimError, TensorBag } from '@faceanim/tensor';
import type { LatentStatistics } from '../contracts/latent-statistics';
import { generatorFingerprint, sameGenerator } from '../latents/generator-fingerprint';
import { type LatentSpace, type LatentSpaceName, latentSpace } from '../latents/latent-space';
import { defaultSampling, latentStatistics } from '../latents/statistics';
import type { LossTerm } from '../losses/loss-term';
import { knownUnits } from '../optimization/known-units';
import type { TermUnits, TermUnitsOptions } from '../optimization/term-units';
import { type KeptLooks, keptLooks } from './kept-looks';
import type { ProjectSequenceOptions } from './options';

/** What several runs with the same generator share. */
export interface Session extends Disposable {
  readonly statistics: LatentStatistics;
  readonly looks: KeptLooks;
  /**
   * A latent space of the generator; opened on the active backend at first use.
   *
   * @param own in W+, how many of the first layers have coordinates of their own. Default all.
   */
  space(name: LatentSpaceName, own?: number): LatentSpace;
  /** The units of relative terms; those of terms that earlier runs had are known. */
  units(
    terms: readonly LossTerm[],
    options: Omit<TermUnitsOptions, 'backend' | 'generator'>,
  ): Promise<TermUnits>;
}

type SessionOptions = Pick<
  ProjectSequenceOptions,
  'generator' | 'encoder' | 'statistics' | 'backend' | 'signal' | 'onProgress'
>;

/**
 * Opens a session; computes the latent statistics unless they are given.
 *
 * @throws {FaceanimError} `invalid-option` for the encoder of another generator.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { generator, statistics: given, backend, signal, onProgress } = options;
  await checkEncoder(options);
  const statistics =
    knownStatistics(options) ??
    (await latentStatistics(generator, { ...given, backend, signal, onProgress }));
  const owned = new TensorBag();
  const spaces = new Map<string, LatentSpace>();
  const units = knownUnits();
  return {
    statistics,
    looks: keptLooks(),
    units: (terms, more) => units(terms, { ...more, generator, backend }),
    space(name, own = generator.numWs) {
      const key = `${name} ${own}`;
      const known = spaces.get(key);
      if (known) return known;
      const space = owned.use(latentSpace(name, statistics, generator.numWs, own));
      spaces.set(key, space);
      return space;
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

/** Statistics that are given, or those of the generator if they were sampled as this run would. */
function knownStatistics({ statistics: given, generator }: SessionOptions): LatentStatistics | undefined {
  if (given && 'mean' in given) return given;
  const { samples = defaultSampling.samples, seed = defaultSampling.seed } = given ?? {};
  const { sampled } = generator.statistics ?? {};
  return sampled?.samples === samples && sampled.seed === seed ? generator.statistics : undefined;
}

async function checkEncoder({ encoder, generator, backend }: SessionOptions): Promise<void> {
  if (!encoder?.generator) return;
  await backend?.activate();
  if (sameGenerator(encoder.generator, await generatorFingerprint(generator))) return;
  throw new FaceanimError('invalid-option', 'The encoder was fitted to another generator.', {
    hint: 'Fit one to this generator with fitEncoder({ generator, landmarkNet }), or leave encoder out.',
  });
}
