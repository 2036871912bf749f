import { avatarPack } from '@faceanim/models';
import { expect, it } from 'vitest';

it('networks need an open backend, and say so', async () => {
  await expect(avatarPack()).rejects.toMatchObject({
    code: 'backend-unavailable',
    hint: expect.stringContaining('openBackend()'),
  });
});
