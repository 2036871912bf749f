import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { PerceptualNet } from '@faceanim/core';
import { asImageTensor, type ImageTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared, sharedDir } from '../../../tensor/test/support/shared';
import { loadLpips } from '../../src/perceptual/load-lpips';
import type { Lpips } from '../../src/perceptual/lpips';
import type { LpipsNet } from '../../src/perceptual/trunks';

interface Pair {
  distance: number;
  per_layer: number[];
  distance_normalize_01: number;
  grad_comparable?: boolean;
}

const images = listFixtures('lpips', /^images\.safetensors$/).map((path) => new Fixture(path))[0]!;
const nets = (images ? listFixtures('lpips', /^\w+\.json$/, ['.safetensors']) : [])
  .map((path) => ({
    net: basename(path, '.json') as LpipsNet,
    json: JSON.parse(readFileSync(path, 'utf8')) as { pairs: Record<string, Pair>; tap_pair?: string },
    fixture: new Fixture(path.replace(/json$/, 'safetensors')),
  }))
  .filter(({ net }) => weightFiles(net));

/** The real SqueezeNet weights are outside the fixtures; the others are among them, at reduced width. */
function weightFiles(net: LpipsNet): { trunk: string; heads?: string } | undefined {
  if (net === 'squeeze') {
    const trunk = `${sharedDir()}/weights/lpips-squeeze.safetensors`;
    return existsSync(trunk) ? { trunk } : undefined;
  }
  const [heads, trunk] = ['lin', 'trunk'].map(
    (part) => listFixtures('lpips', new RegExp(`^${net}.*\\.${part}\\.pth$`))[0],
  );
  return heads && trunk ? { trunk, heads } : undefined;
}

describe.skipIf(nets.length === 0)(nets.length ? 'LPIPS against the original' : missingShared, () => {
  eachBackendWithLongCpu((backend) => {
    for (const { net, json, fixture } of nets) {
      describe(net, () => {
        let lpips: PerceptualNet;
        beforeAll(async () => {
          lpips = await loadLpips({ net, ...weightFiles(net)! });
        });
        afterAll(() => lpips[Symbol.dispose]());

        for (const [pair, expected] of Object.entries(json.pairs)) {
          // The whole SqueezeNet at 256 px takes the plain CPU backend half a minute and adds nothing.
          it.skipIf(backend === 'cpu' && net === 'squeeze' && images.host(`${pair}.a`).shape.at(-1)! > 128)(
            `${pair}: distance, distance of each layer, gradient`,
            async () => {
              const [a, b] = [signedImage(`${pair}.a`), signedImage(`${pair}.b`)];
              const target = tf.tidy(() => lpips.features(b));
              const loss = (x: tf.Tensor4D) =>
                tf.sum(lpips.distance(lpips.features(x as ImageTensor<'signed'>), target));
              const { value, grad } = tf.valueAndGrad(loss)(a as tf.Tensor4D);
              expect(await maxRelative(value, [expected.distance])).toBeLessThan(1e-4);
              const layers = tf.tidy(() => {
                const features = lpips.features(a);
                // With all other layers equal, only the distance of this one remains.
                return target.map((layer, k) =>
                  lpips.distance(
                    features,
                    features.map((own, i) => (i === k ? layer : own)),
                  ),
                );
              });
              for (const [k, layer] of layers.entries()) {
                expect(await maxRelative(layer, [expected.per_layer[k]!]), `layer ${k}`).toBeLessThan(1e-4);
              }
              const values = await grad.data();
              expect(values.every(Number.isFinite)).toBe(true);
              if (expected.grad_comparable) {
                const own = tf.tidy(() => toNchw(fixture.has(`${pair}.grad`) ? grad : everyFourth(grad)));
                const name = fixture.has(`${pair}.grad`) ? `${pair}.grad` : `${pair}.grad.sub4`;
                expect(await relativeL2(own, fixture.data(name))).toBeLessThan(1e-3);
                own.dispose();
              }
              tf.dispose([a, b, target, value, grad, layers]);
            },
          );
        }
      });
    }

    for (const { net, json, fixture } of nets) {
      const taps = [...fixture.tensors.keys()].filter((name) => /^tap\.\d+\.first\d+$/.test(name));
      it.runIf(taps.length > 0)(`${net}: activations`, async () => {
        const lpips = (await loadLpips({ net, ...weightFiles(net)! })) as Lpips;
        const image = signedImage(json.tap_pair!);
        const activations = lpips.activations(image);
        for (const name of taps) {
          const [, tap, channels] = /^tap\.(\d+)\.first(\d+)$/.exec(name)!;
          const own = tf.tidy(() =>
            toNchw(tf.slice(activations[Number(tap)]!, [0, 0, 0, 0], [-1, -1, -1, Number(channels)])),
          );
          expect(await maxRelative(own, fixture.data(name)), name).toBeLessThan(1e-4);
          own.dispose();
        }
        tf.dispose([image, activations]);
        lpips[Symbol.dispose]();
      });
    }

    const [torchScript] = listFixtures('projection', /^vgg16.*\.pt$/);
    it.runIf(torchScript && weightFiles('vgg') && images?.has('faces64.a'))(
      'vgg from one TorchScript file with the heads inside',
      async () => {
        const both = await Promise.all([
          loadLpips({ net: 'vgg', ...weightFiles('vgg')! }),
          loadLpips({ net: 'vgg', trunk: torchScript! }),
        ]);
        const [a, b] = [signedImage('faces64.a'), signedImage('faces64.b')];
        const [separate, single] = tf.tidy(() =>
          both.map((lpips) => lpips.distance(lpips.features(a), lpips.features(b))),
        ) as [tf.Tensor, tf.Tensor];
        expect(await maxRelative(single, separate)).toBeLessThan(1e-6);
        tf.dispose([a, b, separate, single]);
        for (const lpips of both) lpips[Symbol.dispose]();
      },
    );

    it.runIf(weightFiles('squeeze'))(
      'gradients stay finite where all features of a pixel are 0',
      async () => {
        const lpips = await loadLpips({ net: 'squeeze', ...weightFiles('squeeze')! });
        const flat = asImageTensor(tf.fill([1, 64, 64, 3], -1), 'signed');
        const other = signedImage('random64.b');
        const target = tf.tidy(() => lpips.features(other));
        const loss = (x: tf.Tensor) =>
          tf.sum(lpips.distance(lpips.features(x as ImageTensor<'signed'>), target));
        const grad = tf.grad(loss)(flat);
        expect((await grad.data()).every(Number.isFinite)).toBe(true);
        tf.dispose([flat, other, target, grad]);
        lpips[Symbol.dispose]();
      },
    );
  });
});

function signedImage(name: string): ImageTensor<'signed'> {
  return tf.tidy(() => asImageTensor(tf.sub(tf.div(images.image(name), 127.5), 1), 'signed'));
}

function everyFourth(x: tf.Tensor4D): tf.Tensor4D {
  return tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 4, 4, 1]) as tf.Tensor4D;
}
