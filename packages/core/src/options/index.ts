/**
 * Checks of common options (images, networks, latents), for packages whose functions take the same options. General checks
 * are in `@faceanim/tensor/options`.
 *
 * @module @faceanim/core/options
 */
import { FaceanimError, invalidOption } from '@faceanim/tensor/errors';
import { accepting, having, iterableOf, type OptionCheck } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import { guessLatentList } from '../latents/latent-source';

/** Accepts a `ScalarOrSchedule`: a number, 0 or more, or a function of the step. */
export const scalarOrSchedule = accepting(
  'a finite number, 0 or more, or a function of the step',
  (value) => typeof value === 'function' || (Number.isFinite(value) && (value as number) >= 0),
);

/** Accepts a number from 0 to below 1, such as the weight of what went before. */
export const shareBelowOne = accepting(
  'a number from 0 to below 1',
  (value) => typeof value === 'number' && value >= 0 && value < 1,
);

/**
 * Accepts an `RgbImage`, with three bytes per pixel. The errors for RGBA, such as `ImageData`, and for what has an `image`, such
 * as a frame of a video, say what to pass.
 */
export const anRgbImage: OptionCheck = (value, name) => {
  const { width, height, data, image } = (value ?? {}) as Partial<RgbImage> & { image?: unknown };
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (!bytes || ![width, height].every((side) => Number.isInteger(side) && side! > 0)) {
    throw invalidOption(
      name,
      value,
      'an RgbImage {width, height, data}, as readImage returns it',
      image ? 'its image' : undefined,
    );
  }
  const pixels = width! * height!;
  if (data.length === 3 * pixels) return;
  const given = `${name} has ${data.length} bytes for ${width} x ${height} pixels`;
  if (data.length === 4 * pixels) {
    throw new FaceanimError('invalid-option', `${given}: it is RGBA, as ImageData of a canvas is.`, {
      hint: 'Pass rgbFromRgba(image), which composites it on white.',
    });
  }
  throw new FaceanimError('invalid-option', `${given}, not ${3 * pixels}.`, {
    hint: 'Pass three bytes per pixel: red, green and blue, row by row.',
  });
};

/** The keys of a pack of networks: ignored where `...models` is spread into options of which only some are used. */
export const packKeys: readonly string[] = [
  'generator',
  'landmarkNet',
  'perceptual',
  'encoder',
  'landmarkModel',
  'factors',
  'manifest',
];

/** Like `having`, for a network of a pack. Where it is missing, the promise of a pack was perhaps spread. */
function packed(expected: string, ...methods: readonly string[]): OptionCheck {
  const check = having(expected, ...methods);
  return (value, name) => {
    if (value === undefined) throw invalidOption(name, value, expected, '...(await avatarPack())');
    check(value, name);
  };
}

/** Accepts a generator. */
export const generatorCheck = packed(
  'a generator, e.g. that of avatarPack() or loadGenerator()',
  'mapping',
  'synthesis',
);
/** Accepts a landmark network. */
export const landmarkNetCheck = packed(
  'a landmark network, e.g. that of avatarPack() or loadLandmarkNet()',
  'heatmaps',
);
/** Accepts a perceptual network. */
export const perceptualCheck = packed(
  'a perceptual network, e.g. that of avatarPack() or loadLpips()',
  'features',
);
/** Accepts a discriminator. */
export const discriminatorCheck = having('a discriminator, e.g. that of loadDiscriminator()', 'logits');
/** Accepts a face descriptor. */
export const descriptorCheck = having('a face descriptor {inputSize, embed}', 'embed');
const listOfLatents = 'a list or stream of latents or projected frames';
const iterableLatents = iterableOf(listOfLatents, guessLatentList);
/** Accepts a sequence of latents; not a file name, a single latent or its numbers. */
export const latentsCheck: OptionCheck = (value, name) => {
  // Numbers can be iterated, too.
  if (value instanceof Float32Array) throw invalidOption(name, value, listOfLatents, guessLatentList(value));
  iterableLatents(value, name);
};
