import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetedFrame } from '@faceanim/core';
import { joinParts, type PreparedClip, partOf, planParts } from '@faceanim/core/parts';
import { decodeSafetensors, FaceanimError, randomState } from '@faceanim/tensor';
import { expect } from 'vitest';
import { mutate, mutateJson } from '../../../tensor/test/support/mutate';
import { PartsFolder } from '../../src/run/parts-folder';
import { finishedOf, frame, record } from './runs';

const landmarks = new Float64Array(136).fill(1.5);
/** A clip that is ready to be optimised. */
export const clip: PreparedClip = {
  ...{ prepared: 'v1', start: 0, aligned: false, length: 6 },
  frames: Array.from(
    { length: 6 },
    (_, index): TargetedFrame => ({
      ...{ index, shot: 0, found: true, score: 0.9, landmarks, alignedLandmarks: landmarks },
      targetLandmarks: landmarks,
      quad: { center: [4, 4], x: [4, 0], y: [0, 4] },
      image: { width: 8, height: 8, data: new Uint8Array(192).fill(index) },
    }),
  ),
  hashes: ['aa', undefined, 'cc', 'dd', 'ee', 'ff'],
  origin: { sdk: '0.0.0', settings: { seed: 1 }, mean: [0.5] },
  look: {
    landmarks,
    score: 0.8,
    latent: { numWs: 1, wDim: 2, data: Float32Array.of(1, 2) },
    carriedOver: {},
  },
  heatmapShape: { points: 2, size: 4, patches: new Float32Array(18) },
};
const parts = planParts(clip.frames, { frames: 4, overlap: 1 });

/** Reads a run in parts as one that is resumed does. */
async function readParts(run: string): Promise<void> {
  const read = await PartsFolder.read(run);
  const frames = joinParts(read!.parts, async function* ({ start }, position) {
    const { frames, hashes } = await read!.clip(position);
    await using open = await read!.open(position, record());
    await finishedOf(open);
    for (const [i, { image, alignedLandmarks }] of frames.entries()) {
      expect(image.data.length).toBe(image.width * image.height * 3);
      expect(alignedLandmarks).toHaveLength(136);
      expect(hashes.length).toBe(frames.length);
      yield frame(start + i);
    }
  });
  for await (const _ of frames);
}

/** Reads so many runs in parts in an empty folder, one file of each of which was mutated, without much memory. */
export async function readMutatedParts(folder: string, cases: number): Promise<void> {
  const random = randomState(4);
  const uniform = () => random.randomSample();
  const run = join(folder, 'out.run');
  for (let i = 0; i < cases; i++) {
    const prepared = async function* () {
      for (const part of parts) yield { part, clip: partOf(clip, part) };
    };
    await PartsFolder.write(run, prepared());
    const name = i % 3 === 0 ? 'plan.json' : '001.safetensors';
    const file = join(run, 'parts', name);
    const bytes = new Uint8Array(readFileSync(file));
    const changed = i % 3 === 2 ? withOtherFacts(bytes, uniform) : mutate(bytes, uniform);
    const json =
      i % 6 === 0 ? JSON.stringify(mutateJson(JSON.parse(Buffer.from(bytes).toString()), uniform)) : '';
    writeFileSync(file, json || changed);
    const before = process.memoryUsage().arrayBuffers;
    try {
      await readParts(run);
    } catch (error) {
      if (!FaceanimError.isInstance(error)) throw new Error(`case ${i}: ${name} ${json}`, { cause: error });
      expect(['checkpoint-corrupt', 'invalid-option', 'io']).toContain(error.code);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    expect(readdirSync(folder)).toEqual(['out.run']);
    expect(readdirSync(run)).toEqual(['parts']);
    rmSync(run, { recursive: true });
  }
}

/** The file of a clip whose description is another one; its tensors stay. */
function withOtherFacts(bytes: Uint8Array, uniform: () => number): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const { clip: facts } = decodeSafetensors(bytes).metadata;
  const start = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(text.slice(8, start)) as Record<string, object>;
  // biome-ignore lint/complexity/useLiteralKeys: a name of the format
  header['__metadata__'] = { clip: JSON.stringify(mutateJson(JSON.parse(facts!), uniform)) };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, bytes.subarray(start)]);
}
