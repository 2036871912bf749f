import { type AvatarPack, avatarPack } from '@faceanim/models';

/** Opens the pack that lies beside the bundled program. */
export function openPack(): Promise<AvatarPack> {
  return avatarPack({ folder: new URL('assets/avatar/', import.meta.url) });
}
