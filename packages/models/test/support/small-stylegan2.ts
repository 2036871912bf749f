import { type HostTensor, randomState, type Weights } from '@faceanim/tensor';

/** Random weights of a small StyleGAN2 generator (skip, unconditional, with noise). */
export function smallStyleGan2({ resolution = 16, channels = 8, wDim = 12, seed = 1 } = {}): Weights {
  const random = randomState(seed);
  const weights = new Map<string, HostTensor>();
  const draw = (name: string, shape: number[], mean = 0) => {
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(name, { shape, data: Float32Array.from(random.randn(size), (x) => mean + x) });
  };
  const dense = (name: string, outputs: number, inputs: number, bias = 0) => {
    draw(`${name}.weight`, [outputs, inputs]);
    draw(`${name}.bias`, [outputs], bias);
  };
  dense('mapping.fc0', wDim, wDim);
  draw('mapping.w_avg', [wDim]);
  draw('synthesis.b4.const', [channels, 4, 4]);
  for (let size = 4; size <= resolution; size *= 2) {
    for (const layer of size === 4 ? ['conv1'] : ['conv0', 'conv1']) {
      const name = `synthesis.b${size}.${layer}`;
      draw(`${name}.weight`, [channels, channels, 3, 3]);
      draw(`${name}.bias`, [channels]);
      draw(`${name}.noise_const`, [size, size]);
      draw(`${name}.noise_strength`, [], 0.3);
      dense(`${name}.affine`, channels, wDim, 1);
    }
    draw(`synthesis.b${size}.torgb.weight`, [3, channels, 1, 1]);
    draw(`synthesis.b${size}.torgb.bias`, [3]);
    dense(`synthesis.b${size}.torgb.affine`, channels, wDim, 1);
  }
  return weights;
}
