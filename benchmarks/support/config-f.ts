/** Names and shapes of the tensors of a network. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

const resolutions = [4, 8, 16, 32, 64, 128, 256, 512, 1024];
const channelsAt = (resolution: number) => Math.min(32768 / resolution, 512);

function dense(name: string, outputs: number, inputs: number): Shapes {
  return { [`${name}.weight`]: [outputs, inputs], [`${name}.bias`]: [outputs] };
}

/** The tensors of StyleGAN2's generator, config-f, for 1024 pixels or fewer. */
export function generatorShapes(largest = 1024): Shapes {
  const shapes: Record<string, readonly number[]> = { 'mapping.w_avg': [512] };
  for (let i = 0; i < 8; i++) Object.assign(shapes, dense(`mapping.fc${i}`, 512, 512));
  const used = resolutions.filter((resolution) => resolution <= largest);
  for (const [i, resolution] of used.entries()) {
    const block = `synthesis.b${resolution}`;
    const channels = channelsAt(resolution);
    const layer = (name: string, inputs: number) => {
      shapes[`${block}.${name}.weight`] = [channels, inputs, 3, 3];
      shapes[`${block}.${name}.bias`] = [channels];
      shapes[`${block}.${name}.noise_const`] = [resolution, resolution];
      shapes[`${block}.${name}.noise_strength`] = [];
      Object.assign(shapes, dense(`${block}.${name}.affine`, inputs, 512));
    };
    if (i === 0) shapes[`${block}.const`] = [channels, 4, 4];
    else layer('conv0', channelsAt(resolutions[i - 1]!));
    layer('conv1', channels);
    shapes[`${block}.torgb.weight`] = [3, channels, 1, 1];
    shapes[`${block}.torgb.bias`] = [3];
    Object.assign(shapes, dense(`${block}.torgb.affine`, channels, 512));
  }
  return shapes;
}

/** The tensors of its discriminator. */
export function discriminatorShapes(): Shapes {
  const shapes: Record<string, readonly number[]> = {
    'b1024.fromrgb.weight': [32, 3, 1, 1],
    'b1024.fromrgb.bias': [32],
    'b4.conv.weight': [512, 513, 3, 3],
    'b4.conv.bias': [512],
    ...dense('b4.fc', 512, 8192),
    ...dense('b4.out', 1, 512),
  };
  for (const resolution of resolutions.slice(1)) {
    const [inputs, outputs] = [channelsAt(resolution), channelsAt(resolution / 2)];
    const block = `b${resolution}`;
    shapes[`${block}.conv0.weight`] = [inputs, inputs, 3, 3];
    shapes[`${block}.conv0.bias`] = [inputs];
    shapes[`${block}.conv1.weight`] = [outputs, inputs, 3, 3];
    shapes[`${block}.conv1.bias`] = [outputs];
    shapes[`${block}.skip.weight`] = [outputs, inputs, 1, 1];
  }
  return shapes;
}
