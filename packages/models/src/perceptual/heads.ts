import type { Weights } from '@faceanim/tensor';
import type { Architecture } from '../networks/architecture';
import { checkWeights, type WeightShapes, weightOf } from '../networks/check-weights';

/** The heads of LPIPS: one weight for each channel of each layer. */
export const lpipsHeads: Architecture = {
  name: 'LPIPS heads',
  anchors: headNames(0),
  licence: 'LPIPS is under the BSD 2-Clause licence (Zhang, Isola, Efros, Shechtman, Wang).',
  packFile: 'lpips-heads.safetensors',
};

/** What else a file of heads may hold: the trunk. */
const notHead = /^(?!(lin|lpips)\d)/;

/**
 * Reads the heads in order, by any of their names.
 *
 * @param widths channels of each layer
 * @throws FaceanimError `weights-mismatch`
 */
export function readHeads(
  heads: Weights,
  widths: readonly number[],
  file: string | undefined,
): Float32Array[] {
  const names = widths.map((_, i) => headNames(i).find((name) => heads.has(name)) ?? headNames(i)[0]!);
  const expected: WeightShapes = Object.fromEntries(names.map((name, i) => [name, [1, widths[i]!, 1, 1]]));
  checkWeights(heads, expected, { network: lpipsHeads.name, file, ignore: notHead });
  return names.map((name) => weightOf(heads, name).data);
}

/** Names of a head: shortened, as lpips ships it, and as in the TorchScript file of NVIDIA's projectors. */
function headNames(i: number): string[] {
  return [`lin${i}.weight`, `lin${i}.model.1.weight`, `lpips${i}`];
}
