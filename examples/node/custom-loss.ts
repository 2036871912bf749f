/** Adds a custom loss term to the default ones: it keeps the background of the look. */
import { openBackend } from '@faceanim/backend-node';
import { identityLosses, interpolate, projectSequence, render } from '@faceanim/core';
import { type LossTerm, needsLook } from '@faceanim/core/losses';
import { readImage, readVideo, writeVideo } from '@faceanim/media';
import { avatarPack } from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';

/** Squared difference to the look in a border of an eighth of the image, averaged over the whole image. */
function background(weight = 2): LossTerm<tf.Tensor4D> {
  return {
    specificationVersion: 'v1',
    name: 'background',
    weight, // a number, or a function of { frame, step, steps, progress, encoded }
    check: needsLook('background'),
    // The mask is the same for every frame.
    prepareForRun: ({ look }) => {
      const side = look!.shape[1];
      const edge = Math.round(side / 8);
      const inside = tf.zeros<tf.Rank.R4>([1, side - 2 * edge, side - 2 * edge, 1]);
      return tf.pad4d(
        inside,
        [
          [0, 0],
          [edge, edge],
          [edge, edge],
          [0, 0],
        ],
        1,
      );
    },
    value: ({ image, look }, mask) => tf.mean(tf.mul(tf.squaredDifference(image(), look!), mask), [1, 2, 3]),
  };
}

await using backend = await openBackend();
using models = await avatarPack({ fanModules: 1 });

const frames = projectSequence({
  ...models,
  backend,
  look: await readImage('packages/cli/assets/demo-look.png'),
  driver: readVideo('packages/cli/assets/demo-driver.webp', { limit: 4 }),
  losses: [...identityLosses(models), background()],
  steps: { first: 60, next: 10 },
  onProgress: ({ stage, frame, step, steps, losses }) => {
    if (stage === 'optimize' && step! + 1 === steps) console.log(`frame ${frame}`, losses);
  },
});
const images = render(interpolate(frames), models.generator);
console.log((await writeVideo('out/custom-loss.webp', images, { fps: 25 })).path);
