import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { noiseRegularization, normalizeNoise } from '../../src/losses/noise-maps';

const [path] = listFixtures('ops', /^ops\.safetensors$/);

describe.skipIf(!path)(path ? 'noise maps as in the original' : missingShared, () => {
  if (!path) {
    // Vitest runs the body of a skipped suite too.
    it('needs its fixture', () => {});
    return;
  }
  eachBackend(() => {
    const fixture = new Fixture(path);

    it('noise regularisation, its gradient, and normalisation', async () => {
      const map = fixture.tensor<tf.Tensor2D>('noise_reg.in');
      const { value, grad } = tf.valueAndGrad((map: tf.Tensor2D) => noiseRegularization([map]))(map);
      const normalized = normalizeNoise(map);
      expect(await maxRelative(value, fixture.data('noise_reg.value'))).toBeLessThan(1e-5);
      expect(await relativeL2(grad, fixture.data('noise_reg.grad'))).toBeLessThan(1e-5);
      expect(await maxRelative(normalized, fixture.data('noise_norm.out'))).toBeLessThan(1e-6);
      tf.dispose([map, value, grad, normalized]);
    });
  });
});
