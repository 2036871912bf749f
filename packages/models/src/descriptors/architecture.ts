import type { FaceDescriptor } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import type { Architecture } from '../networks/architecture';

/** The architecture of a face descriptor. */
export interface FaceDescriptorArchitecture extends Architecture {
  /** @throws FaceanimError `weights-mismatch` for other tensors, `checkpoint-corrupt` for values that are not finite */
  create(weights: Weights, options: { file?: string }): FaceDescriptor;
}
