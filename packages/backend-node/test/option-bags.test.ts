import { expect, it } from 'vitest';
import { openBackend } from '../src';

it('openBackend refuses an option that it does not have', async () => {
  await expect(openBackend({ strat: 1 } as object)).rejects.toMatchObject({
    code: 'invalid-option',
    message: 'openBackend takes no option "strat".',
  });
});
