import { expect, it } from 'vitest';
import { readyLook } from '../src/look/look';
import { StudioError } from '../src/ui/problem';

it('says in words of the studio that there is no face to animate', async () => {
  await expect(readyLook()).rejects.toThrow(StudioError);
});
