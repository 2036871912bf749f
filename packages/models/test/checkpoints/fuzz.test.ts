import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { FaceanimError, randomState } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { mutate } from '../../../tensor/test/support/mutate';
import { listFixtures } from '../../../tensor/test/support/shared';
import { describeFixtures, readWhole } from './support';

/** Small files of every format and a network pickle, each with its number of cases. */
const seeds: [path: string, cases: number][] = [
  ...listFixtures('formats', /\.(pth|pt|safetensors)$/).map((path): [string, number] => [path, 500]),
  ...listFixtures('lpips', /lin\.pth$/).map((path): [string, number] => [path, 300]),
  ...listFixtures('hostile', /^(control-ok|self-reference|proto-key|os-system|huge-claim|stride)/).map(
    (path): [string, number] => [path, 200],
  ),
  ...listFixtures('rosinality', /\.pt$/)
    .slice(0, 1)
    .map((path): [string, number] => [path, 100]),
  ...listFixtures('stylegan3', /\.pkl$/)
    .slice(0, 1)
    .map((path): [string, number] => [path, 100]),
];

describeFixtures('mutated checkpoints', seeds, () => {
  it.each(seeds.map(([path, cases]) => ({ name: basename(path), path, cases })))(
    '$name: $cases times read or refused with a typed error',
    async ({ path, cases }) => {
      const random = randomState(1);
      const original = new Uint8Array(readFileSync(path));
      for (let i = 0; i < cases; i++) {
        const mutated = mutate(original, () => random.randomSample());
        const memory = process.memoryUsage().arrayBuffers;
        try {
          await readWhole(mutated);
        } catch (error) {
          if (!FaceanimError.isInstance(error)) throw new Error(`case ${i}`, { cause: error });
        }
        expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(256 * 2 ** 20);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );
});
