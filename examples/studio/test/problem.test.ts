import { readImage } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor/errors';
import { expect, it } from 'vitest';
import { problemOf, StudioError } from '../src/ui/problem';

it('says errors of the SDK in words of the studio, and keeps the message as details', () => {
  const hint = 'readVideo reads its frames.';
  const error = new FaceanimError('media', 'clip.mp4 is a video, not a picture.', { file: 'clip.mp4', hint });
  expect(problemOf(error)).toEqual({
    what: 'clip.mp4 cannot be used here.',
    advice: expect.not.stringContaining('readVideo'),
    details: 'clip.mp4 is a video, not a picture.',
  });
  expect(
    problemOf(new FaceanimError('no-face', 'No face was found in frame 3.', { frame: 3 })),
  ).toMatchObject({
    what: 'No face was found in frame 4 of the driver.',
  });
});

it('says that an empty file is empty', async () => {
  const error = await readImage(new Blob([])).catch((error: unknown) => error);
  expect(problemOf(error)).toMatchObject({
    what: 'blob is empty.',
    advice: expect.stringContaining('another file'),
  });
});

it('shows its own errors as they are, and names none that it does not know', () => {
  expect(problemOf(new StudioError('There is no look yet.'))).toEqual({ what: 'There is no look yet.' });
  expect(problemOf(new TypeError('x is undefined'))).toMatchObject({
    what: 'Something went wrong.',
    details: 'x is undefined',
  });
});
