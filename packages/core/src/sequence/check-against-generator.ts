import { invalidOption } from '@faceanim/tensor';
import { checkNoiseMaps } from '../latents/check-noise-maps';
import type { ProjectSequenceOptions } from './options';

/**
 * Rejects an encoder, an initial latent, statistics or noise maps of another generator.
 *
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkAgainstGenerator(
  options: Pick<ProjectSequenceOptions, 'generator' | 'encoder' | 'initial' | 'statistics' | 'noiseMaps'>,
): void {
  const { generator, encoder, initial, statistics, noiseMaps } = options;
  const { numWs, wDim } = generator;
  if (encoder && encoder.wDim !== wDim) {
    const expected = `one fitted to this generator, whose latents have ${wDim}`;
    throw invalidOption('encoder', `one for latents of ${encoder.wDim} numbers`, expected);
  }
  if (initial && (initial.numWs !== numWs || initial.wDim !== wDim)) {
    const given = `[${initial.numWs}, ${initial.wDim}]`;
    throw invalidOption('initial', given, `a latent of shape [${numWs}, ${wDim}]`);
  }
  if (statistics && 'mean' in statistics) {
    const { mean, covariance } = statistics;
    if (statistics.wDim !== wDim || mean.length !== wDim || covariance.length !== wDim ** 2) {
      const expected = `those of this generator, of ${wDim} dimensions`;
      throw invalidOption('statistics', `of ${statistics.wDim} dimensions`, expected);
    }
  }
  if (typeof noiseMaps === 'object') checkNoiseMaps('noiseMaps.initial', noiseMaps.initial ?? {}, generator);
}
