import * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** The moments and the step of Adam. One program each, since a tfjs program has one result. */
export const adamKernels = [
  webgpuKernel<'moment' | 'gradient', { beta: number; squared: boolean }>(
    'faceanim/AdamMoment',
    ({ moment, gradient }, { beta, squared }) =>
      runProgram({
        name: squared ? 'adamMoment2' : 'adamMoment1',
        outputShape: moment.shape,
        inputs: { moment, gradient },
        vector: vectorOf(tf.util.sizeFromShape(moment.shape)),
        floats: { beta, rest: 1 - beta },
        code: eachElement(
          `result[i] = moment[i] * uniforms.beta + gradient[i] * ${squared ? 'gradient[i] * ' : ''}uniforms.rest;`,
        ),
      }),
  ),
  webgpuKernel<'param' | 'm' | 'v' | 'size' | 'root', { epsilon: number }>(
    'faceanim/AdamStep',
    (inputs, { epsilon }) =>
      runProgram({
        name: 'adamStep',
        outputShape: inputs.param.shape,
        inputs,
        vector: vectorOf(tf.util.sizeFromShape(inputs.param.shape)),
        scalars: ['size', 'root'],
        floats: { epsilon },
        code: eachElement(
          'result[i] = param[i] - m[i] * size[0] / (sqrt(v[i]) * root[0] + V(uniforms.epsilon));',
        ),
      }),
  ),
];
