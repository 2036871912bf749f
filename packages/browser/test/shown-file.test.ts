import { afterEach, expect, it, vi } from 'vitest';
import { shownFile } from '../src/client/shown-file';

class Video {
  constructor(
    readonly currentSrc: string,
    readonly srcObject: object | null = null,
    readonly src = currentSrc,
    readonly source: { src: string } | null = null,
  ) {}

  querySelector() {
    return this.source;
  }
}
class Stream {}

afterEach(() => vi.unstubAllGlobals());

it('gives a worker the file that a video element shows, and refuses what has no end', () => {
  vi.stubGlobal('HTMLVideoElement', Video);
  vi.stubGlobal('MediaStream', Stream);
  expect(shownFile(new Video('blob:clip'), 'driver')).toBe('blob:clip');
  expect(shownFile(new Video('', null, 'clip.mp4'), 'driver')).toBe('clip.mp4');
  const notChosenYet = new Video('', null, '', { src: 'clip.webm' });
  expect(shownFile(notChosenYet, 'driver')).toBe('clip.webm');
  const file = new Blob();
  expect(shownFile(file, 'driver')).toBe(file);
  const live = { code: 'invalid-option', hint: expect.stringMatching(/MediaRecorder.*openLive/) };
  for (const stream of [new Stream(), new Video('', new Stream())])
    expect(() => shownFile(stream, 'driver')).toThrow(expect.objectContaining(live));
  const empty = { code: 'invalid-option', message: 'audio.source is a video element without a source.' };
  expect(() => shownFile(new Video(''), 'audio.source')).toThrow(expect.objectContaining(empty));
});

it('leaves everything as it is where there are no elements', () => {
  expect(shownFile('clip.mp4', 'driver')).toBe('clip.mp4');
});
