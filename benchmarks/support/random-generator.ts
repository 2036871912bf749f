import type { Generator } from '@faceanim/core';
import { createGenerator } from '@faceanim/models';
import { randomState, type Weights } from '@faceanim/tensor';
import { generatorShapes } from './config-f';

/** A generator of config-f before its training: weights as they are initialised, noise off. */
export function randomGenerator(resolution: number): Generator {
  const random = randomState(0);
  const weights: Weights = new Map(
    Object.entries(generatorShapes(resolution)).map(([name, shape]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const data = new Float32Array(size);
      // Layers of the mapping network multiply their weights by a learning rate of 0.01.
      if (/\.weight$|\.const$/.test(name)) {
        const scale = name.startsWith('mapping.') ? 100 : 1;
        for (const [i, value] of random.randn(size).entries()) data[i] = scale * value;
      }
      if (name.endsWith('affine.bias')) data.fill(1);
      return [name, { shape: [...shape], data }];
    }),
  );
  return createGenerator(weights);
}
