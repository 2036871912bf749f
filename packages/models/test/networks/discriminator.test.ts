import { readFileSync } from 'node:fs';
import type { Discriminator } from '@faceanim/core';
import { asImageTensor, type ImageTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { createDiscriminator, loadDiscriminator } from '../../src/discriminators/load-discriminator';

const fixtures = listFixtures('stylegan2', /\.pkl$/, ['.safetensors', '.json']).flatMap((path) => {
  const fixture = new Fixture(path.replace(/\.pkl$/, '.safetensors'));
  const json = JSON.parse(readFileSync(path.replace(/\.pkl$/, '.json'), 'utf8'));
  // `clamp(NAME, -1, 1)`
  const input = /^clamp\(([\w.]+), -1, 1\)$/.exec(json.D_input)?.[1];
  return fixture.has('D.logits') && input ? [{ path, fixture, input }] : [];
});

describe.skipIf(fixtures.length === 0)(
  fixtures.length ? 'the discriminator against the original' : missingShared,
  () => {
    eachBackend(() => {
      for (const { path, fixture, input } of fixtures) {
        describe(fixture.name, () => {
          let discriminator: Discriminator;
          beforeAll(async () => {
            await using checkpoint = await openCheckpoint(path);
            const weights = await checkpoint.read({ prefix: 'D.' });
            discriminator = createDiscriminator(weights, {
              config: checkpoint.networks.D!.config,
              file: path,
            });
          });
          afterAll(() => discriminator[Symbol.dispose]());

          it('logits and their gradient', async () => {
            const image = tf.tidy(() => asImageTensor(tf.clipByValue(fixture.image(input), -1, 1), 'signed'));
            const c = fixture.has('c') ? fixture.tensor<tf.Tensor2D>('c') : undefined;
            const logits = discriminator.logits(image, c);
            expect(await maxRelative(logits, fixture.data('D.logits'))).toBeLessThan(1e-4);
            if (fixture.has('D.grad_softplus_neg')) {
              const loss = (x: tf.Tensor) =>
                tf.sum(tf.softplus(tf.neg(discriminator.logits(x as ImageTensor<'signed'>, c))));
              const grad = tf.tidy(() => toNchw(tf.grad(loss)(image) as tf.Tensor4D));
              expect(await relativeL2(grad, fixture.data('D.grad_softplus_neg'))).toBeLessThan(1e-3);
              grad.dispose();
            }
            tf.dispose([image, logits, c ?? []]);
          });

          it('is found in its file', async () => {
            using loaded = await loadDiscriminator(path);
            const image = tf.tidy(() => asImageTensor(tf.clipByValue(fixture.image(input), -1, 1), 'signed'));
            const c = fixture.has('c') ? fixture.tensor<tf.Tensor2D>('c') : undefined;
            const [logits, expected] = [loaded, discriminator].map((net) => net.logits(image, c));
            expect(await maxRelative(logits!, expected!)).toBe(0);
            tf.dispose([image, logits!, expected!, c ?? []]);
          });
        });
      }
    });
  },
);
