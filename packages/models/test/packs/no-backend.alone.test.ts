import { avatarPack } from '@faceanim/models';
import { expect, it } from 'vitest';

it('networks without an open backend say what to do', async () => {
  await expect(avatarPack()).rejects.toMatchObject({
    code: 'backend-unavailable',
    hint: expect.stringContaining('openBackend()'),
  });
});

it('the factors alone need none', async () => {
  using pack = await avatarPack({ only: ['factors'] });
  expect(Object.keys(pack).sort()).toEqual(['factors', 'manifest']);
  expect(pack.factors.columns.map(({ name }) => name)).toContain('smile');
});
