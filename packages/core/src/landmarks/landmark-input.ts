import { fitTo, type ImageTensor, toUnit } from '@faceanim/tensor';
import type { LandmarkNet } from '../contracts/landmark-net';

/** How an image, the driver's or the result's, is handed to the landmark network; differentiable. */
export type LandmarkInput = (
  image: ImageTensor<'signed'>,
  net: LandmarkNet,
  of: 'driver' | 'result',
) => ImageTensor<'unit'>;

/** To 0..1 and the network's size: by area where the image is larger, bilinear where it is smaller. */
export const standardLandmarkInput: LandmarkInput = (image, net) =>
  toUnit(fitTo(image, net.inputSize), 'signed');
