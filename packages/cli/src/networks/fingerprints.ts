import { avatarPack } from '@faceanim/models';
import { fingerprint } from '../run/record';
import type { NetworkOptions } from './networks';

/** Short hashes of the networks that {@link NetworkOptions} choose, by role. None of them is opened. */
export async function networkFingerprints(
  { generator, encoder, fan, lpips, lpipsHeads }: NetworkOptions,
  signal?: AbortSignal,
): Promise<Record<'generator' | 'encoder' | 'fan' | 'lpips', string>> {
  using pack = await avatarPack({ only: [], signal });
  const hash = async (path: string | undefined, bundled: string) =>
    path ? await fingerprint(path) : pack.manifest.files[bundled]!.sha256.slice(0, 16);
  const heads = lpipsHeads ? `+${await fingerprint(lpipsHeads)}` : '';
  return {
    generator: await hash(generator, 'generator.safetensors'),
    encoder: await hash(encoder, 'encoder.safetensors'),
    fan: await hash(fan, 'fan.safetensors'),
    lpips: (await hash(lpips, 'lpips-student.safetensors')) + heads,
  };
}
