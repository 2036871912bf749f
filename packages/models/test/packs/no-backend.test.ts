import { avatarPack } from '@faceanim/models';
import { expect, it } from 'vitest';

it('networks without an open backend say what to do', async () => {
  await expect(avatarPack()).rejects.toMatchObject({
    code: 'backend-unavailable',
    hint: expect.stringContaining('openBackend()'),
  });
});
