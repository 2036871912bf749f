import type { FaceToEncode } from '@faceanim/core';
import { encodeSafetensors, type HostTensor, randomState, type Weights } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { maxRelative } from '../../../tensor/test/support/compare';
import { type LinearEncoder, linearEncoder } from '../../src/encoders/linear-encoder';
import { loadEncoder } from '../../src/encoders/load-encoder';
import { bundledFile } from '../support/bundled';
import { failure } from '../support/failure';

const random = randomState(4);
const normal = (...shape: number[]): HostTensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from(random.randn(size)) };
};
const [side, wDim] = [2, 5];
const weights: Weights = new Map([
  ['look.weight', normal(side, side, 3, wDim)],
  ['landmarks.weight', normal(68, 2, wDim)],
  ['bias', normal(wDim)],
  ['generator', normal(4)],
]);
const face: FaceToEncode = {
  // Four uniform quarters, so that the scaled-down picture is known.
  look: { width: 4, height: 4, data: Uint8Array.from({ length: 48 }, (_, i) => quarterOf(i) * 60 + (i % 3)) },
  landmarks: Float64Array.from(random.randn(136), (x) => 0.5 + 0.1 * x),
};

function quarterOf(i: number): number {
  const [row, column] = [Math.floor(i / 12), Math.floor((i % 12) / 3)];
  return 2 * (row >> 1) + (column >> 1);
}

describe('a linear encoder', () => {
  it('adds up pixels and landmarks', async () => {
    const encoder = linearEncoder(weights);
    expect(encoder).toMatchObject({ specificationVersion: 'v1', wDim, side });
    const pixels = Array.from({ length: 12 }, (_, i) => (Math.floor(i / 3) * 60 + (i % 3)) / 255);
    const features = [...pixels, ...face.landmarks];
    const rows = ['look.weight', 'landmarks.weight'].flatMap((name) => [...weights.get(name)!.data]);
    const expected = Array.from(weights.get('bias')!.data, (bias, k) =>
      features.reduce((sum, x, i) => sum + x * rows[i * wDim + k]!, bias),
    );
    expect(await maxRelative(await encoder.encode(face), expected)).toBeLessThan(1e-6);
  });

  it('takes looks of any size', async () => {
    const encoder = linearEncoder(weights);
    const data = new Uint8Array(32 * 32 * 3).fill(100);
    const look = { width: 32, height: 32, data };
    const small = { width: 1, height: 1, data: data.slice(0, 3) };
    const guess = await encoder.encode({ ...face, look });
    expect(await maxRelative(await encoder.encode({ ...face, look: small }), guess)).toBeLessThan(1e-6);
  });

  it('survives writing and reading, apart from the rounding to 16 bits', async () => {
    const encoder = linearEncoder(weights);
    const bytes = encoder.toSafetensors();
    expect(bytes.length).toBeLessThan(2 * wDim * (12 + 136 + 1) + 500);
    const read = (await loadEncoder(bytes)) as LinearEncoder;
    expect(read).toMatchObject({ wDim, side });
    expect(await maxRelative(read.generator, weights.get('generator')!.data)).toBeLessThan(2e-3);
    expect(await maxRelative(await read.encode(face), await encoder.encode(face))).toBeLessThan(2e-3);
    expect(read.toSafetensors(), 'nothing is lost a second time').toEqual(bytes);
  });

  it('refuses another number of landmarks', () => {
    for (const length of [0, 135, 137, 2 * 98]) {
      const error = failure(() =>
        linearEncoder(weights).encode({ ...face, landmarks: new Float64Array(length) }),
      );
      expect(error.code).toBe('invalid-option');
      expect(error.message).toContain('landmarks');
    }
  });
});

describe('weights of a linear encoder', () => {
  const changed = (name: string, ...shape: number[]) => new Map(weights).set(name, normal(...shape));

  it.each<[string, Weights]>([
    ['a look that is not square', changed('look.weight', 2, 1, 3, wDim)],
    ['a look without channels', changed('look.weight', 2, 2, wDim)],
    ['a look of no pixels', changed('look.weight', 0, 0, 3, wDim)],
    ['other landmarks', changed('landmarks.weight', 98, 2, wDim)],
    ['landmarks for another w', changed('landmarks.weight', 68, 2, wDim + 1)],
    ['another bias', changed('bias', wDim + 1)],
    ['a scalar as bias', changed('bias')],
    ['no numbers', new Map([...weights].map(([name, { shape }]) => [name, normal(...shape.with(-1, 0))]))],
    ['another tensor', changed('extra', 1)],
    ['no generator', new Map([...weights].filter(([name]) => name !== 'generator'))],
    ['no look', new Map([...weights].filter(([name]) => name !== 'look.weight'))],
    ['nothing', new Map()],
  ])('of %s are refused', (_, wrong) => {
    const error = failure(() => linearEncoder(wrong, { file: 'encoder.safetensors' }));
    expect(error).toMatchObject({ code: 'weights-mismatch', file: 'encoder.safetensors' });
    expect(error.hint).toContain('a linear encoder');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('with %f are corrupt', async (value) => {
    const bias = normal(wDim);
    bias.data[2] = value;
    const error = failure(() => linearEncoder(new Map(weights).set('bias', bias)));
    expect(error.code).toBe('checkpoint-corrupt');
    expect(error.message).toContain('bias');
  });
});

describe('the file of a linear encoder', () => {
  const bytes = linearEncoder(weights).toSafetensors();

  it('is refused if it is cut off or claims more than it has', async () => {
    await expect(loadEncoder(bytes.subarray(0, -2))).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
    const huge = ['look.weight', 'bias'].map((name) => {
      const text = Buffer.from(bytes).toString('latin1');
      const claim = text.replace(name === 'bias' ? /"shape":\[5\]/ : /"shape":\[2,2,3,5\]/, (shape) =>
        shape.replace(/\d/g, '9'),
      );
      expect(claim).not.toBe(text);
      return Buffer.from(claim, 'latin1');
    });
    for (const file of huge)
      await expect(loadEncoder(file)).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
  });

  it.each([
    ['a StyleGAN2 generator', 'generator'],
    ['FAN', 'fan'],
    ['the LPIPS student', 'lpips-student'],
  ])('is refused if it is of %s, which the error names', async (actual, name) => {
    const path = bundledFile(`${name}.safetensors`);
    const error = loadEncoder(path);
    await expect(error).rejects.toMatchObject({
      code: 'weights-mismatch',
      file: path,
      hint: expect.stringContaining(actual),
    });
    await expect(error).rejects.toThrow(`It looks like ${actual}.`);
  });

  it('is refused if it lacks tensors', async () => {
    const other = encodeSafetensors([['look.weight', { shape: [1], data: new Float32Array(1) }]]);
    await expect(loadEncoder(other)).rejects.toMatchObject({ code: 'weights-mismatch' });
  });

  it('is not read if the signal is aborted', async () => {
    const signal = AbortSignal.abort();
    await expect(loadEncoder(bytes, { signal })).rejects.toMatchObject({ code: 'aborted' });
  });
});
