import { evaluateOperation, fusedOperations } from '@faceanim/tensor/testing';
import { describe, expect, it } from 'vitest';
import { registerWebgpuKernels } from '../../../tensor/src/kernels/webgpu';
import { webgpuForTests } from '../support/webgpu';

/**
 * What sums in two ways, or has only this test: the contract of backends holds the fused kernels against plain
 * JavaScript, and to compile both takes SwiftShader seconds.
 */
const fast =
  /^modulated convolution on 2|^scale of channels on 2|^dense layer, 2|^soft arg-max of 4|^a formula/;

describe('fused WebGPU kernels give what plain operations give', () => {
  const webgpu = webgpuForTests();

  for (const operation of fusedOperations) {
    const tags = fast.test(operation.name) ? [] : ['long'];
    it(operation.name, { tags }, async ({ skip }) => {
      skip(webgpu.reason !== undefined, webgpu.reason);
      registerWebgpuKernels(false);
      const plain = await evaluateOperation(operation);
      // Convolutions are as small as those that cut their sums into parts elsewhere, and too small for tiles.
      const byTiles = { leastSaved: Number.NEGATIVE_INFINITY };
      for (const convolution of [{}, { mostDotProducts: 0 }, byTiles]) {
        registerWebgpuKernels(true, convolution);
        const fused = await evaluateOperation(operation);
        plain.forEach((values, i) => {
          const scale = Math.max(...values.map(Math.abs));
          const difference = Math.max(...values.map((value, k) => Math.abs(value - fused[i]![k]!)));
          expect(difference / scale, i === 0 ? 'value' : `gradient in input ${i}`).toBeLessThan(1e-4);
        });
      }
    });
  }
});
