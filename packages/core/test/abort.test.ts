import { expect, it } from 'vitest';
import { throwIfRunAborted } from '../src/abort';

it('an aborted run says how to go on', () => {
  throwIfRunAborted(new AbortController().signal, { frame: 3 });
  expect(() => throwIfRunAborted(AbortSignal.abort(), { frame: 3 })).toThrow(
    expect.objectContaining({ code: 'aborted', frame: 3, hint: expect.stringMatching(/passed as resume/) }),
  );
});
