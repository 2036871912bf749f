import type { HostTensor, Weights } from '@faceanim/tensor';
import { torchvisionLicence } from '../../networks/licences';
import { sequentialTrunk } from './trunk';

/** Indices of the convolutions in torchvision's `features`, stage by stage. */
const stages = [
  [0, 2],
  [5, 7],
  [10, 12, 14],
  [17, 19, 21],
  [24, 26, 28],
];

const convs = stages.flat();

/** VGG16's convolutions with torchvision's names (Simonyan and Zisserman 2014, arXiv 1409.1556), of any width. */
export const vgg = sequentialTrunk(
  {
    name: 'a VGG16 trunk',
    anchors: ['features.2.weight'],
    licence: torchvisionLicence,
    rename: torchvisionNames,
  },
  () =>
    stages.map((convs, i) => ({
      pool: i === 0 ? undefined : { size: 2, stride: 2 },
      convs: convs.map((index) => ({ name: `features.${index}`, kernel: 3, padding: 1 })),
    })),
);

/**
 * Gives a VGG16 torchvision's names, whatever names its file has (NVIDIA's `vgg16.pt` has others): the thirteen 3x3
 * convolutions are recognised by shape and order, the heads of LPIPS by their numbers. Anything else, such as the
 * classifier, is dropped. Weights that already have the names, or lack the convolutions, are returned as they are.
 */
function torchvisionNames(weights: Weights): Weights {
  if (weights.has(`features.${convs[0]}.weight`)) return weights;
  const stored = [...weights].filter(
    ([, { shape }]) => shape.length === 4 && shape[2] === 3 && shape[3] === 3,
  );
  if (stored.length !== convs.length) return weights;
  const renamed = new Map<string, HostTensor>();
  for (const [i, [name, weight]] of stored.entries()) {
    renamed.set(`features.${convs[i]}.weight`, weight);
    const bias = weights.get(name.replace(/weight$/, 'bias'));
    if (bias) renamed.set(`features.${convs[i]}.bias`, bias);
  }
  for (const [name, head] of weights) {
    const layer = /(?:^|\.)(?:lin|lpips)_?(\d)(?:\.|$)/.exec(name)?.[1];
    if (layer !== undefined) renamed.set(`lpips${layer}`, head);
  }
  return renamed;
}
