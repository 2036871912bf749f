import { avatarPack } from '@faceanim/models';
import { fingerprint } from '../run/record';
import type { NetworkOptions } from './networks';

/** Short hashes of what {@link NetworkOptions} choose: the networks by role, and the landmark model. None of them is opened. */
export async function networkFingerprints(
  { generator, encoder, fan, lpips, lpipsHeads }: NetworkOptions,
  signal?: AbortSignal,
): Promise<Record<'generator' | 'encoder' | 'fan' | 'landmarkModel' | 'lpips', string>> {
  using pack = await avatarPack({ only: [], signal });
  const bundledHash = (file: string) => pack.manifest.files[file]!.sha256.slice(0, 16);
  const hash = async (path: string | undefined, bundled: string) =>
    path ? await fingerprint(path) : bundledHash(bundled);
  const heads = lpipsHeads ? `+${await fingerprint(lpipsHeads)}` : '';
  return {
    generator: await hash(generator, 'generator.safetensors'),
    encoder: await hash(encoder, 'encoder.safetensors'),
    fan: await hash(fan, 'fan.safetensors'),
    // That of the bundled FAN; with your own, the one for any network.
    landmarkModel: bundledHash(fan ? 'landmark-model.safetensors' : 'landmark-model-fan.safetensors'),
    lpips: (await hash(lpips, 'lpips-student.safetensors')) + heads,
  };
}
