import { describe, expect, it } from 'vitest';
import { missingShared } from '../../../tensor/test/support/shared';
import { ffhqQuad } from '../../src/landmarks/ffhq-quad';
import { mediaLandmarks, mediaNames } from './media';

const looks = mediaNames(/^look-/);

describe('ffhqQuad', () => {
  it.skipIf(looks.length === 0)(
    `covers an FFHQ-aligned picture${looks.length ? '' : ` (${missingShared})`}`,
    () => {
      for (const look of looks) {
        const quad = ffhqQuad(mediaLandmarks(look)[0]!)!;
        // The looks are 256 x 256; they were aligned by the renderer's own points.
        expect(Math.abs(quad.center[0] - 128), look).toBeLessThan(3);
        expect(Math.abs(quad.center[1] - 128), look).toBeLessThan(3);
        expect(Math.abs(quad.x[0] - 128), look).toBeLessThan(3);
        expect(Math.abs(quad.x[1]), look).toBeLessThan(3);
      }
    },
  );

  it('rotates, scales and moves with the face', () => {
    const face = new Float64Array(136).map((_, i) => Math.sin(i) * 20 + (i % 2 ? i / 3 : 50));
    const [cos, sin] = [1.5 * Math.cos(0.4), 1.5 * Math.sin(0.4)];
    const turn = (x: number, y: number) => [cos * x - sin * y, sin * x + cos * y] as const;
    const turned = new Float64Array(136);
    for (let i = 0; i < 136; i += 2) {
      const [x, y] = turn(face[i]!, face[i + 1]!);
      turned.set([x + 7, y - 9], i);
    }
    const before = ffhqQuad(face)!;
    const after = ffhqQuad(turned)!;
    const [cx, cy] = turn(...before.center);
    const [xx, xy] = turn(...before.x);
    expect(after.center[0]).toBeCloseTo(cx + 7, 9);
    expect(after.center[1]).toBeCloseTo(cy - 9, 9);
    expect(after.x[0]).toBeCloseTo(xx, 9);
    expect(after.x[1]).toBeCloseTo(xy, 9);
    expect(after.y).toEqual([-after.x[1], after.x[0]]);
  });

  it('is undefined if all landmarks coincide', () => {
    expect(ffhqQuad(new Float64Array(136))).toBeUndefined();
    expect(ffhqQuad(new Float64Array(136).fill(Number.NaN))).toBeUndefined();
  });
});
