import type { HostTensor, Weights } from '@faceanim/tensor';
import { vggConvs } from './vgg';

/**
 * A VGG16 by torchvision's names, whatever names a file has for it (NVIDIA's `vgg16.pt` has its own): the thirteen 3x3
 * convolutions are told by their shapes and order, the heads of LPIPS by their numbers. Anything else, such as the
 * classifier, is left away. Weights that already have the names, or no such convolutions, stay as they are.
 */
export function torchvisionVggNames(weights: Weights): Weights {
  if (weights.has(`features.${vggConvs[0]}.weight`)) return weights;
  const convs = [...weights].filter(
    ([, { shape }]) => shape.length === 4 && shape[2] === 3 && shape[3] === 3,
  );
  if (convs.length !== vggConvs.length) return weights;
  const renamed = new Map<string, HostTensor>();
  for (const [i, [name, weight]] of convs.entries()) {
    renamed.set(`features.${vggConvs[i]}.weight`, weight);
    const bias = weights.get(name.replace(/weight$/, 'bias'));
    if (bias) renamed.set(`features.${vggConvs[i]}.bias`, bias);
  }
  for (const [name, head] of weights) {
    const layer = /(?:^|\.)(?:lin|lpips)_?(\d)(?:\.|$)/.exec(name)?.[1];
    if (layer !== undefined) renamed.set(`lpips${layer}`, head);
  }
  return renamed;
}
