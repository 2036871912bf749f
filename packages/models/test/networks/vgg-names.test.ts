import type { PerceptualNet } from '@faceanim/core';
import { asImageTensor, encodeSafetensors, FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import {
  fixturePath,
  listFixtures,
  missingFixtures,
  missingShared,
} from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { loadLpips } from '../../src/perceptual/load-lpips';

const paths = listFixtures('projection', /^vgg16.*\.pt$/);
const lpips = ['lpips/vgg-reduced.lin.pth', 'lpips/vgg-reduced.trunk.pth'];

const missing = paths.length === 0 ? missingShared : missingFixtures(...lpips);

describe.skipIf(missing)(
  missing ? `vgg16.pt of the projector: ${missing}` : 'vgg16.pt of the projector',
  () => {
    eachBackend((backend) => {
      for (const path of paths) {
        it(`${path.split(/[\\/]/).at(-1)} equals LPIPS of its trunk and heads`, async () => {
          const [heads, trunk] = lpips.map(fixturePath) as [string, string];
          using expected = await loadLpips({ net: 'vgg', trunk, heads });
          using net = await loadLpips({ net: 'vgg', trunk: path });
          await expectEqual(net, expected);
        });
      }

      it.runIf(backend === 'wasm')('with other names and a classifier', async () => {
        const path = paths[0]!;
        await using checkpoint = await openCheckpoint(path);
        const names = new Map<string, string>();
        const renamed = [...(await checkpoint.read())].map(([name, { shape, data }]) => {
          const [, place, kind] = /^features\.(\d+)\.(\w+)$/.exec(name) ?? [];
          if (place && !names.has(place)) names.set(place, `layers.conv${names.size + 1}`);
          return [place ? `${names.get(place)}.${kind}` : name, { shape, data }] as const;
        });
        const classifier = ['fc1.weight', { shape: [2, 3], data: new Float32Array(6) }] as const;
        using expected = await loadLpips({ net: 'vgg', trunk: path });
        using net = await loadLpips({ net: 'vgg', trunk: encodeSafetensors([...renamed, classifier]) });
        await expectEqual(net, expected);
      });

      it('a network that is no VGG is still refused for its missing tensors', async () => {
        const file = encodeSafetensors([
          ['conv1.weight', { shape: [1, 3, 3, 3], data: new Float32Array(27) }],
        ]);
        const error = await loadLpips({ net: 'vgg', trunk: file }).catch((error: unknown) => error);
        expect(FaceanimError.isInstance(error, 'weights-mismatch')).toBe(true);
      });
    });
  },
);

async function expectEqual(net: PerceptualNet, expected: PerceptualNet): Promise<void> {
  const images = [1, 2].map((seed) =>
    asImageTensor(tf.randomUniform([1, 40, 40, 3], -1, 1, 'float32', seed), 'signed'),
  );
  const distances = [net, expected].map((net) =>
    tf.tidy(() => net.distance(net.features(images[0]!), net.features(images[1]!))),
  );
  const [own, others] = await Promise.all(distances.map((distance) => distance.data()));
  expect(await maxRelative(own!, others!)).toBeLessThan(1e-5);
  tf.dispose([...images, ...distances]);
}
