import { FaceanimError } from '@faceanim/tensor';
import type { SynthesisStop } from '../contracts/generator';
import type { LatentSpaceName } from '../latents/latent-space';
import type { LossTerm } from '../losses/loss-term';
import type { ProjectSequenceOptions } from './options';

/** The other settings of a run that decide how small its images may be. */
interface Method {
  readonly losses: readonly LossTerm[];
  readonly space: LatentSpaceName;
}

/**
 * Where the generator stops in the steps of a run; undefined if they draw whole images.
 *
 * @throws {FaceanimError} `invalid-option` if the generator cannot stop there, or the run needs larger images.
 */
export function synthesisStop(options: ProjectSequenceOptions, method: Method): SynthesisStop | undefined {
  const { generator, synthesisResolution: given } = options;
  if (given === undefined || given === generator.resolution) return undefined;
  const stops = generator.stops ?? [];
  const stop = stops.find(({ resolution }) => resolution === given);
  const reason = stop ? reasonAgainst(given, options, method) : 'the generator cannot stop there';
  if (stop && !reason) return stop;
  const possible = stops
    .map(({ resolution }) => resolution)
    .filter((side) => !reasonAgainst(side, options, method));
  throw new FaceanimError('invalid-option', `synthesisResolution is ${given}, but ${reason}.`, {
    hint: `Leave it out, or pass ${[...possible, generator.resolution].join(' or ')}.`,
  });
}

/** Why the images of a run cannot have this side. */
function reasonAgainst(
  side: number,
  { noiseMaps }: ProjectSequenceOptions,
  { losses, space }: Method,
): string | undefined {
  if (space.endsWith('+')) return `the layers after it would not be optimised in ${space}`;
  if (typeof noiseMaps === 'object') return 'the noise maps after it would not be optimised';
  for (const { name, imageSize = Number.POSITIVE_INFINITY } of losses) {
    if (imageSize > side)
      return `the loss term ${name} needs ${imageSize < Number.POSITIVE_INFINITY ? `images of ${imageSize} pixels` : 'whole images'}`;
  }
  return undefined;
}
