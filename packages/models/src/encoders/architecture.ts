import type { Encoder } from '@faceanim/core';
import type { Weights } from '@faceanim/tensor';
import type { Architecture } from '../networks/architecture';

/** An encoder architecture. */
export interface EncoderArchitecture extends Architecture {
  /** @throws FaceanimError `weights-mismatch` for other tensors */
  create(weights: Weights, options: { readonly file?: string }): Encoder;
}
