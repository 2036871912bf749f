import type { Weights } from '@faceanim/tensor';
import type { WeightShapes } from '../networks/check-weights';
import type { ConfigValues } from '../networks/config-values';

/** The configuration of the mapping network that StyleGAN2 and StyleGAN3 share. */
export interface MappingConfig {
  readonly zDim: number;
  readonly wDim: number;
  readonly cDim: number;
  readonly mappingLayers: number;
  /** Learning rate multiplier of the mapping, which also scales its stored weights. */
  readonly mappingLrMultiplier: number;
}

/**
 * The configuration of the mapping network in `weights`; undefined if there is none.
 *
 * @throws FaceanimError `weights-mismatch` for a value of the wrong type or one that contradicts the tensors
 */
export function readMappingConfig(
  weights: Weights,
  config: ConfigValues,
  wDim: number,
): MappingConfig | undefined {
  const inputs = weights.get('mapping.fc0.weight')?.shape[1];
  if (!inputs) return undefined;
  const cDim = weights.get('mapping.embed.weight')?.shape[1] ?? 0;
  let mappingLayers = 0;
  while (weights.has(`mapping.fc${mappingLayers}.weight`)) mappingLayers++;
  const zDim = inputs - (cDim > 0 ? wDim : 0);
  const own = config.part('mapping_kwargs');
  config.expect('z_dim', zDim);
  config.expect('w_dim', wDim);
  config.expect('c_dim', cDim);
  own.expect('num_layers', mappingLayers);
  const mappingLrMultiplier = own.number('lr_multiplier', { above: 0 }) ?? 0.01;
  return { zDim, wDim, cDim, mappingLayers, mappingLrMultiplier };
}

/** Shapes of all tensors of the mapping network. */
export function mappingShapes(
  weights: Weights,
  { zDim, wDim, cDim, mappingLayers }: MappingConfig,
): WeightShapes {
  const shapes: Record<string, readonly number[]> = {};
  if (weights.has('mapping.w_avg')) shapes['mapping.w_avg'] = [wDim];
  if (cDim > 0) Object.assign(shapes, denseShapes('mapping.embed', wDim, cDim));
  for (let i = 0, inputs = zDim + (cDim > 0 ? wDim : 0); i < mappingLayers; i++) {
    const outputs = i === mappingLayers - 1 ? wDim : (weights.get(`mapping.fc${i}.weight`)!.shape[0] ?? wDim);
    Object.assign(shapes, denseShapes(`mapping.fc${i}`, outputs, inputs));
    inputs = outputs;
  }
  return shapes;
}

/** Shapes of the tensors of a fully connected layer. */
export function denseShapes(name: string, outputs: number, inputs: number): WeightShapes {
  return { [`${name}.weight`]: [outputs, inputs], [`${name}.bias`]: [outputs] };
}
