/**
 * Checks of what the calls of this package take, for authors of packages whose calls take the same; the general ones are
 * in `@faceanim/tensor/options`.
 *
 * @module @faceanim/core/options
 */
import { FaceanimError, invalidOption } from '@faceanim/tensor';
import { accepting, having, iterableOf, type OptionCheck } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';

/** Takes a number, 0 or more, or a function of the step: a `ScalarOrSchedule`. */
export const scalarOrSchedule = accepting(
  'a finite number from 0, or a function of the step',
  (value) => typeof value === 'function' || (Number.isFinite(value) && (value as number) >= 0),
);

/** Takes an `RgbImage`: whole sizes, three bytes a pixel. One with alpha, such as `ImageData`, is refused by that name. */
export const anRgbImage: OptionCheck = (value, name) => {
  const { width, height, data } = (value ?? {}) as Partial<RgbImage>;
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (!bytes || ![width, height].every((side) => Number.isInteger(side) && side! > 0)) {
    throw invalidOption(name, value, 'an RgbImage {width, height, data}, as readImage gives it');
  }
  const pixels = width! * height!;
  if (data.length === 3 * pixels) return;
  const given = `${name} has ${data.length} bytes for ${width} x ${height} pixels`;
  if (data.length === 4 * pixels) {
    throw new FaceanimError('invalid-option', `${given}: it is RGBA, as ImageData of a canvas is.`, {
      hint: 'Pass rgbFromRgba(image), which lays it on white.',
    });
  }
  throw new FaceanimError('invalid-option', `${given}, not ${3 * pixels}.`, {
    hint: 'Pass three bytes a pixel, red, green and blue, row by row.',
  });
};

/** What packs of networks have, for calls into which `...models` is spread and that take some of it only. */
export const packKeys: readonly string[] = [
  'generator',
  'landmarkNet',
  'perceptual',
  'encoder',
  'factors',
  'manifest',
];

/** Checks of what most long calls take. */
export const generatorCheck = having(
  'a generator, e.g. that of avatarPack() or loadGenerator()',
  'mapping',
  'synthesis',
);
/** The landmark network of `projectSequence` and others. */
export const landmarkNetCheck = having(
  'a landmark network, e.g. that of avatarPack() or loadLandmarkNet()',
  'heatmaps',
);
/** The perceptual network of `lpips` and others. */
export const perceptualCheck = having(
  'a perceptual network, e.g. that of avatarPack() or loadLpips()',
  'features',
);
/** The discriminator of `realism` and others. */
export const discriminatorCheck = having('a discriminator, e.g. that of loadDiscriminator()', 'logits');
/** Latents of `render` and others; refuses what is no sequence, such as a file's name or one latent alone. */
export const latentsCheck = iterableOf('a list or stream of latents or projected frames');
