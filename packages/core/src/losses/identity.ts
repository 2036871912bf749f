import { asImageTensor, fitTo, type ImageTensor, invalidOption } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { withKey } from '../alike';
import type { FaceDescriptor } from '../contracts/face-descriptor';
import { descriptorCheck, scalarOrSchedule } from '../options';
import type { LossTerm } from './loss-term';
import { needsLook } from './needs-look';
import type { ScalarOrSchedule } from './schedule';

/** Options of {@link identity}. */
export interface IdentityOptions {
  /** Describes whose face it is. */
  net: FaceDescriptor;
  /** Weight of the term. Default 1. */
  weight?: ScalarOrSchedule;
}

const checks: OptionChecks<IdentityOptions> = { net: descriptorCheck, weight: scalarOrSchedule };

/**
 * Loss term that keeps the person of the look: the cosine distance `1 - cos` between the face descriptors of result and look,
 * 0 for the same direction and 1 for faces that have nothing in common. It complements {@link lpips}, which also compares
 * pose and expression.
 *
 * @throws {FaceanimError} `invalid-option`, also for a `crop` of the descriptor that is not inside the picture.
 */
export function identity(options: IdentityOptions): LossTerm<tf.Tensor2D> {
  checkOptions('identity', options, checks, { prefix: 'identity.', required: ['net'] });
  const { net, weight = 1 } = options;
  const { inputSize, crop = { x: 0, y: 0, side: 1 } } = net;
  const inside = ({ x, y, side }: typeof crop) =>
    x >= 0 && y >= 0 && side > 0 && x + side <= 1 && y + side <= 1;
  if (!inside(crop))
    throw invalidOption(
      'identity.net.crop',
      crop,
      'a square {x, y, side} inside 0..1, as fractions of the picture',
    );
  return withKey([identity, net], {
    specificationVersion: 'v1',
    name: 'identity',
    weight,
    imageSize: Math.ceil(inputSize / crop.side),
    settings: { inputSize, crop },
    check: needsLook('identity'),
    prepareForRun: ({ look }) => direction(net, look!, crop),
    value: ({ image }, look) => tf.sub(1, tf.sum(tf.mul(direction(net, image(), crop), look), 1)),
  });
}

/** Descriptors of length 1. */
function direction(
  net: FaceDescriptor,
  image: ImageTensor<'signed'>,
  { x, y, side }: NonNullable<FaceDescriptor['crop']>,
): tf.Tensor2D {
  const [batch, size] = image.shape;
  const width = Math.max(1, Math.round(side * size));
  // Rounded apart, position and width could reach a pixel beyond the picture.
  const [left, top] = [x, y].map((share) => Math.min(Math.round(share * size), size - width)) as [
    number,
    number,
  ];
  const part = asImageTensor(
    tf.slice(image as tf.Tensor4D, [0, top, left, 0], [batch, width, width, 3]),
    'signed',
  );
  const found = net.embed(fitTo(part, net.inputSize));
  return tf.div(found, tf.sqrt(tf.add(tf.sum(tf.square(found), 1, true), 1e-12)));
}
