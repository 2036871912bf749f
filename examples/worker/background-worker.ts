/** A worker with a loss term of its own, which keeps the background of the look. */
import { openBackend } from '@faceanim/backend-web';
import { serveProjector } from '@faceanim/browser/worker';
import { identityLosses } from '@faceanim/core';
import { type LossTerm, needsLook } from '@faceanim/core/losses';
import { avatarPack } from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';

/** Squared difference to the look in the upper eighth of the picture, above the head. */
function background(weight = 2): LossTerm {
  const above = (image: tf.Tensor4D) => tf.slice(image, 0, [-1, image.shape[1] / 8]);
  return {
    specificationVersion: 'v1',
    name: 'background',
    weight,
    check: needsLook('background'),
    value: ({ image, look }) => tf.mean(tf.squaredDifference(above(image()), above(look!)), [1, 2, 3]),
  };
}

serveProjector(async (_options, { signal, onProgress }) => {
  const backend = await openBackend({ signal, onProgress });
  const models = await avatarPack({ signal, onProgress });
  return { ...models, backend, defaults: { losses: [...identityLosses(models), background()] } };
});
