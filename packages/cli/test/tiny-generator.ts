import { writeFileSync } from 'node:fs';
import { encodeSafetensors } from '@faceanim/tensor';
import { smallStyleGan2 } from '../../models/test/support/small-stylegan2';

/** Writes the checkpoint of a random generator of 64 pixels, whose steps take a fraction of those of the bundled one. */
export function writeTinyGenerator(path: string): string {
  writeFileSync(path, encodeSafetensors(smallStyleGan2({ resolution: 64, channels: 4 })));
  return path;
}
