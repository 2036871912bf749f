import { encodeSafetensors, toFloat32 } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints';

it('reads safetensors whatever the first byte of the header length is', async () => {
  const data = Float32Array.of(1, 2, 3);
  const file = encodeSafetensors([['a', { shape: [3], data }]]);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  // Every residue, once below and once above 255.
  for (let header = length; header < length + 512; header++) {
    const padded = new Uint8Array(8 + header + data.byteLength).fill(0x20);
    padded.set(file.subarray(0, 8 + length));
    padded.set(file.subarray(8 + length), 8 + header);
    new DataView(padded.buffer).setBigUint64(0, BigInt(header), true);
    await using checkpoint = await openCheckpoint(padded);
    expect([header, checkpoint.format]).toEqual([header, 'safetensors']);
    const { dtype, data: bytes } = await checkpoint.readTensor('a');
    expect([header, toFloat32(bytes, dtype)]).toEqual([header, data]);
  }
});

it('reads safetensors whose header length equals the signature of a zip archive', async () => {
  const header = 0x04034b50;
  const padded = new Uint8Array(8 + header).fill(0x20);
  padded.set([0x7b, 0x7d], 8);
  new DataView(padded.buffer).setBigUint64(0, BigInt(header), true);
  await using checkpoint = await openCheckpoint(padded);
  expect(checkpoint.format).toBe('safetensors');
});
