import { expect, it } from 'vitest';
import { throwIfRunAborted } from '../src/abort';

it('an aborted run says how to continue it', () => {
  throwIfRunAborted(new AbortController().signal, { frame: 3 });
  expect(() => throwIfRunAborted(AbortSignal.abort(), { frame: 3 })).toThrow(
    expect.objectContaining({
      code: 'aborted',
      frame: 3,
      hint: expect.stringMatching(/pass the frames it has yielded as resume/),
    }),
  );
});
