import { fitTo, type ImageTensor, toUnit } from '@faceanim/tensor';
import type { LandmarkNet } from '../contracts/landmark-net';

/** Prepares an image of the driver or the result for the landmark network. Differentiable. */
export type LandmarkInput = (
  image: ImageTensor<'signed'>,
  net: LandmarkNet,
  of: 'driver' | 'result',
) => ImageTensor<'unit'>;

/** Scales an image to 0..1 and to the network's input size: larger images by area, smaller ones bilinearly. */
export const standardLandmarkInput: LandmarkInput = (image, net) =>
  toUnit(fitTo(image, net.inputSize), 'signed');
