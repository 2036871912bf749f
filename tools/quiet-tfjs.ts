import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll } from 'vitest';

// Keeps tfjs from advertising its native bindings in the output of a test file.
let before = false;
beforeAll(() => {
  before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
});
afterAll(() => tf.env().set('PROD', before));
