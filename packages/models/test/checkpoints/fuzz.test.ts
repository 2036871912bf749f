import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { FaceanimError, randomState } from '@faceanim/tensor';
import { expect, it } from 'vitest';
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

/** Copies a file with up to four random changes of the kinds that break readers. */
function mutate(original: Uint8Array, uniform: () => number): Uint8Array {
  const integer = (below: number) => Math.floor(uniform() * below);
  let bytes = original.slice();
  for (let changes = 1 + integer(4); changes > 0 && bytes.length > 8; changes--) {
    const at = integer(bytes.length - 8);
    const view = new DataView(bytes.buffer);
    const kinds = [
      () => void (bytes[at] = integer(256)),
      () => void (bytes[at]! ^= 1 << integer(8)),
      () => view.setUint32(at, [0, 0xffffffff, 0x7fffffff, 0x80000000, bytes.length][integer(5)]!, true),
      () => view.setBigUint64(at, [2n ** 63n, 2n ** 64n - 1n, 2n ** 40n, 0n][integer(4)]!, true),
      () => void (bytes = bytes.slice(0, at)),
      () => void bytes.copyWithin(at, integer(bytes.length), integer(bytes.length)),
      () => void (bytes = Uint8Array.of(...bytes.subarray(0, at), integer(256), ...bytes.subarray(at))),
      () => void (bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1 + integer(8)))),
    ];
    // The last two kinds are for small files: spreading a large one would overflow the stack.
    kinds[integer(bytes.length < 20_000 ? 8 : 6)]!();
  }
  return bytes;
}
