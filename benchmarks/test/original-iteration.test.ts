import { openBackend } from '@faceanim/backend-node';
import { eagerProgram } from '@faceanim/tensor';
import { countLeaks } from '@faceanim/tensor/testing';
import { expect, it } from 'vitest';
import { originalIteration } from '../support/original-iteration';
import { originalNetworks, smallSizes } from '../support/original-networks';

it('computes the losses that PyTorch computes with the same weights', async () => {
  await using _backend = await openBackend({ prefer: 'wasm' });
  const losses: number[] = [];
  const leaked = await countLeaks(async () => {
    using networks = originalNetworks(smallSizes);
    using iteration = originalIteration(networks);
    using program = eagerProgram(iteration.step, iteration.inputs);
    for (let i = 0; i < 3; i++) {
      program.run();
      losses.push((await program.read('loss'))[0]!);
    }
  });
  // The first losses of torch/iteration.py for the same sizes.
  const expected = [297.63608, 283.62012, 274.83994];
  for (const [i, loss] of losses.entries()) expect(loss / expected[i]!).toBeCloseTo(1, 3);
  expect(leaked).toBe(0);
});
