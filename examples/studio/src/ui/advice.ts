import type { FaceanimError, FaceanimErrorCode } from '@faceanim/tensor/errors';

type Words = readonly [what: string, advice: string];

const kept = 'Finished frames are kept.';

/** The errors of the SDK, whose hints are for programmers, in words of the studio: what happened, and what a visitor can do. */
export const advice: Readonly<
  Record<Exclude<FaceanimErrorCode, 'aborted'>, (error: FaceanimError) => Words>
> = {
  'backend-unavailable': () => [
    'The engine did not start.',
    'Choose “Fastest that starts” in the menu at the top, or open the studio in a current Chrome, Edge, Firefox or Safari.',
  ],
  'checkpoint-corrupt': ({ file }) => [
    `${file ?? 'A file'} is damaged, or of another kind.`,
    'Download it again, or choose another. An animation whose saved frames are damaged has to start over.',
  ],
  crashed: () => [
    'The engine has crashed.',
    `${kept} Start it again; if it keeps crashing, choose another backend in the menu at the top.`,
  ],
  'device-lost': () => [
    'The browser took the GPU away.',
    `${kept} Start the engine again; if that does not help, choose another backend in the menu at the top.`,
  ],
  diverged: ({ frame }) => [
    `The search for ${frame === undefined ? 'a frame' : `frame ${frame + 1}`} went astray.`,
    'Press “Reset” under Motion, and go on. Networks of your own have to belong together.',
  ],
  'in-use': () => ['Another tab works on this animation.', 'Close that tab, or start over.'],
  'invalid-option': () => [
    'This cannot be done with these settings.',
    'Press “Reset” under Motion, and try again. With networks of your own, some settings do not apply.',
  ],
  io: ({ file }) => [
    `${file ?? 'Something'} could not be loaded or saved.`,
    'Check the connection, close other tabs of the studio, make sure that the disk is not full, and try again.',
  ],
  media: ({ file = 'This file', message }) =>
    message.includes('is empty')
      ? [`${file} is empty.`, 'It may not have been saved or downloaded completely. Choose another file.']
      : [
          `${file} cannot be used here.`,
          'Choose a picture as PNG, JPEG, WebP or AVIF, or a video as MP4 or WebM that plays in this browser. If saving failed, choose the other format.',
        ],
  'no-face': ({ frame }) => [
    frame === undefined
      ? 'No face was found in the picture.'
      : `No face was found in frame ${frame + 1} of the driver.`,
    'Choose one in which a face is upright, seen from the front and not too small, or crop it to the face.',
  ],
  'out-of-memory': () => [
    'The memory is full.',
    `${kept} Close other tabs and programs, and start the engine again. Another backend may have more room, and smaller networks need less.`,
  ],
  'resume-mismatch': () => ['The finished frames do not fit these settings.', 'Start over.'],
  'too-large': ({ file }) => [
    `${file ?? 'This file'} is too large.`,
    'Choose a smaller picture or a shorter video.',
  ],
  'weights-mismatch': ({ file }) => [
    `${file ?? 'A file'} does not hold the network that is needed.`,
    'Choose the file of that network: the lines under “Your own networks” say which kinds are read.',
  ],
};
