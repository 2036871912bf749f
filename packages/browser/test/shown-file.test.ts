import { afterEach, expect, it, vi } from 'vitest';
import { shownFile } from '../src/client/shown-file';

class Video {
  constructor(
    readonly currentSrc: string,
    readonly srcObject: object | null = null,
    readonly src = currentSrc,
  ) {}
}
class Stream {}

afterEach(() => vi.unstubAllGlobals());

it('gives a worker the file that a video element shows, and refuses what has no end', () => {
  vi.stubGlobal('HTMLVideoElement', Video);
  vi.stubGlobal('MediaStream', Stream);
  expect(shownFile(new Video('blob:clip'))).toBe('blob:clip');
  expect(shownFile(new Video('', null, 'clip.mp4'))).toBe('clip.mp4');
  const file = new Blob();
  expect(shownFile(file)).toBe(file);
  const live = { code: 'invalid-option', hint: expect.stringMatching(/MediaRecorder.*openLive/) };
  for (const stream of [new Stream(), new Video('', new Stream())])
    expect(() => shownFile(stream)).toThrow(expect.objectContaining(live));
  const empty = { code: 'invalid-option', message: 'driver is a video element without a source.' };
  expect(() => shownFile(new Video(''))).toThrow(expect.objectContaining(empty));
});

it('leaves everything as it is where there are no elements', () => {
  expect(shownFile('clip.mp4')).toBe('clip.mp4');
});
