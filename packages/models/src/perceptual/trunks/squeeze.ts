import { concatChannels, maxPool, type TensorBag, type Weights } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { torchvisionLicence } from '../../networks/licences';
import { convShapes, type Trunk, type TrunkStage, trunkConv, trunkFile } from './trunk';

/** Indices of the fire modules in torchvision's `features`, stage by stage. */
const fireStages = [[3, 4], [6, 7], [9], [10], [11], [12]];
/** How many of the stages, from the first, begin with max pooling. */
const pooledStages = 3;
const stem = { name: 'features.0', kernel: 3, stride: 2 };

/** SqueezeNet 1.1 with torchvision's names (Iandola et al. 2016, arXiv 1602.07360), of any width. */
export const squeeze: Trunk = {
  name: 'SqueezeNet',
  anchors: ['features.3.squeeze.weight'],
  licence: torchvisionLicence,
  packFile: trunkFile,
  shapes: (weights) => {
    const shapes: Record<string, readonly number[]> = {};
    let inputs = convShapes(shapes, weights, stem.name, 3, stem.kernel);
    for (const place of fireStages.flat()) {
      const name = `features.${place}`;
      const squeezed = convShapes(shapes, weights, `${name}.squeeze`, inputs, 1);
      inputs =
        convShapes(shapes, weights, `${name}.expand1x1`, squeezed, 1) +
        convShapes(shapes, weights, `${name}.expand3x3`, squeezed, 3);
    }
    return shapes;
  },
  widths: (weights) => {
    const width = (name: string) => weightOf(weights, `${name}.weight`).shape[0]!;
    const fireWidth = (place: number) =>
      width(`features.${place}.expand1x1`) + width(`features.${place}.expand3x3`);
    return [width(stem.name), ...fireStages.map((places) => fireWidth(places.at(-1)!))];
  },
  build: (bag, weights) => {
    const first = trunkConv(bag, weights, stem);
    const stages = fireStages.map((places, i): TrunkStage => {
      const fires = places.map((place) => fire(bag, weights, `features.${place}`));
      const pool = (x: tf.Tensor4D) => maxPool(x, { size: 3, stride: 2, ceil: true });
      return (x) => fires.reduce((y, module) => module(y), i < pooledStages ? pool(x) : x);
    });
    return [(x) => first.apply(x), ...stages];
  },
};

/** A 1x1 convolution that reduces the channels, then 1x1 and 3x3 convolutions side by side. */
function fire(bag: TensorBag, weights: Weights, name: string): TrunkStage {
  const squeeze = trunkConv(bag, weights, { name: `${name}.squeeze`, kernel: 1 });
  const expand1x1 = trunkConv(bag, weights, { name: `${name}.expand1x1`, kernel: 1 });
  const expand3x3 = trunkConv(bag, weights, { name: `${name}.expand3x3`, kernel: 3, padding: 1 });
  return (x) => {
    const narrow = squeeze.apply(x);
    return concatChannels([expand1x1.apply(narrow), expand3x3.apply(narrow)]);
  };
}
