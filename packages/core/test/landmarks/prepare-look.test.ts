import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { ProgressEvent } from '../../src/contracts/progress';
import { rectQuad } from '../../src/images/quad';
import { cropQuad } from '../../src/images/warp';
import { type PrepareLookOptions, prepareLook } from '../../src/landmarks/prepare-look';
import { paintedFaceNet, paintFace, paintFaces } from './painted-face';

const size = 128;
/** The position of a painted face whose FFHQ quad is the whole picture of this size. */
const aligned = [64, 70.5] as const;
const options: PrepareLookOptions = { generator: { resolution: 32 }, landmarkNet: paintedFaceNet() };

async function prepare(image: Parameters<typeof prepareLook>[0], more: Partial<PrepareLookOptions> = {}) {
  const warnings: string[] = [];
  const look = await prepareLook(image, { ...options, ...more, onWarning: (text) => warnings.push(text) });
  return { look, warnings };
}

/** The colour in the middle of a look, which encodes the position of the face. */
function middle({ width, data }: { width: number; data: ArrayLike<number> }): number[] {
  const at = (width / 2) * (width + 1) * 3;
  return [data[at]!, data[at + 1]!];
}

eachBackend(() => {
  it('returns an aligned look unchanged, without a warning', async () => {
    const image = paintFace(size, size, aligned);
    const { look, warnings } = await prepare(image);
    expect(look).toBe(image);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['moved', paintFace(size, size, [76, 70.5])],
    ['smaller', paintFace(180, 180, [90, 96.5])],
    [
      'larger',
      cropQuad(paintFace(size, size, aligned), rectQuad({ x: 16, y: 16, width: 96, height: 96 }), size),
    ],
    ['not square', paintFace(240, 180, [150, 90])],
  ])('crops a look whose face is %s at the resolution of the generator, and says so', async (_, image) => {
    const { look, warnings } = await prepare(image);
    expect([look.width, look.height]).toEqual([32, 32]);
    // Where the crop comes from.
    const { width, height, data } = look;
    expect(cropQuad(image, look.quad!, 32)).toEqual({ width, height, data });
    const [x, y] = middle(look);
    // Half a pixel of the crop is 2 of the picture.
    expect(Math.abs(x! - 128 - 2)).toBeLessThan(4);
    expect(Math.abs(y! - 121.5 - 2)).toBeLessThan(4);
    expect(warnings).toEqual([
      expect.stringMatching(/not aligned: its face is off by \d+ % of the picture's side.*cropped/),
    ]);
  });

  it('tells how far the search is, in shares that only grow', async () => {
    const shares: number[] = [];
    const onProgress = ({ stage, fraction }: ProgressEvent) =>
      shares.push(stage === 'locate' ? fraction! : Number.NaN);
    await prepare(paintFace(240, 180, [150, 90]), { onProgress });
    expect(shares.length).toBeGreaterThan(5);
    expect(shares).toEqual([...new Set(shares)].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('crops an aligned look with always, and no look with never', async () => {
    const image = paintFace(size, size, aligned);
    const always = await prepare(image, { align: 'always' });
    expect(always.look.width).toBe(32);
    expect(always.warnings).toEqual([]);
    const moved = paintFace(size, size, [90, 70.5]);
    expect((await prepare(moved, { align: 'never' })).look).toBe(moved);
    await expect(prepare(paintFace(60, 40, aligned), { align: 'never' })).rejects.toMatchObject({
      code: 'invalid-option',
    });
    await expect(prepare(image, { align: 'no' as 'never' })).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });

  it('takes the largest of several faces or the one asked for, and says so', async () => {
    const image = paintFaces(300, 130, [{ at: [70, 70] }, { at: [230, 60] }]);
    const quads = [64, 60].map(
      (half, i) => ({ center: [70 + 160 * i, 65], x: [half, 0], y: [0, half] }) as const,
    );
    const locate = async () => quads.map((quad) => ({ quad, score: 1 }));
    for (const face of [undefined, 1]) {
      const { warnings } = await prepare(image, { face, locate });
      const [position, x] = face === 1 ? [1, 230] : [0, 70];
      expect(warnings).toEqual([
        `The image has 2 faces. Face ${position} from the left (from 0) is used, at (${x}, 65).`,
        expect.stringMatching(/not aligned/),
      ]);
    }
  });

  it('refuses a look without a face, and one with alpha', async () => {
    await expect(prepare(paintFace(size, size, undefined), { locate: async () => [] })).rejects.toMatchObject(
      {
        code: 'no-face',
        hint: expect.stringMatching(/^Pass a picture of one face/),
      },
    );
    const rgba = { width: 4, height: 4, data: new Uint8ClampedArray(64) };
    await expect(prepare(rgba)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('RGBA'),
      hint: expect.stringContaining('rgbFromRgba'),
    });
  });
});
