import { invalidOption } from '@faceanim/tensor';
import type { Generator } from '../contracts/generator';

/**
 * Rejects noise maps that are not those of layers of a generator.
 *
 * @param option what the message calls them.
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkNoiseMaps(
  option: string,
  maps: Readonly<Record<string, Float32Array>>,
  { noiseMaps }: Generator,
): void {
  for (const [name, { length }] of Object.entries(maps)) {
    const own = noiseMaps[name];
    if (!own) throw invalidOption(option, name, `maps of the layers ${Object.keys(noiseMaps).join(', ')}`);
    if (length !== own.size)
      throw invalidOption(`${option}.${name}`, `${length} numbers`, `a map [${own.shape}]`);
  }
}
