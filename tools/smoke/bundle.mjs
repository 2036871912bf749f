// Bundled with everything it imports, then run in Node: the gradients must survive tree-shaking.
import { FaceanimError } from '@faceanim/core';
import '@faceanim/backend-web';
import '@faceanim/models';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

async function main() {
  await tf.setBackend('cpu');
  const [slope] = tf.tidy(() =>
    tf
      .grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3]))
      .arraySync(),
  );
  if (slope !== 6) throw new FaceanimError('backend-unavailable', `the gradient is ${slope}, not 6`);
}

main();
