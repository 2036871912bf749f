import { it } from 'vitest';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '/work/main/packages/core/src/tensor/gradients';
import { decodeSafetensors } from '/work/main/packages/core/src/safetensors';
import { trackFaces } from '/work/main/packages/core/src/landmarks/track';
import { normalizedMeanError, mouthOpening, eyeOpening, pearson, slope, landmarksOf } from '/work/main/packages/core/src/landmarks/measures';
import { createFan } from '/work/main/packages/models/src/landmarks/fan';
it('m', async () => {
setWasmPaths('/work/main/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
await tf.setBackend('wasm');
const { tensors } = decodeSafetensors(new Uint8Array(readFileSync('/work/shared/weights/avatar/fan.safetensors')));
for (const modules of [2, 1]) {
  const net = createFan(tensors, { modules });
  const base = tf.memory().numTensors;
  for (const name of ['driver-talk', 'driver-smile', 'driver-scream', 'driver-blink-brows', 'driver-jitter','driver-noface']) {
    const raw = spawnSync('ffmpeg', ['-v', 'error', '-i', `/work/shared/media/${name}.mp4`, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { maxBuffer: 1e9 }).stdout;
    const truth = JSON.parse(readFileSync(`/work/shared/media/${name}.landmarks.json`, 'utf8')).landmarks;
    const n = 512 * 512 * 3;
    async function* play() { for (let i = 0; i < truth.length; i++) yield { index: i, image: { width: 512, height: 512, data: raw.subarray(i * n, (i + 1) * n) } }; }
    const err: number[] = [], a: number[] = [], b: number[] = [], ea: number[] = [], eb: number[] = []; let min = 1, t = performance.now(), first = 0;
    try {
      for await (const f of trackFaces(play(), { net })) {
        if (!first) first = performance.now() - t;
        const tr = landmarksOf(truth[f.index]); err.push(normalizedMeanError(f.landmarks, tr) * 100); min = Math.min(min, f.score);
        a.push(mouthOpening(tr)); b.push(mouthOpening(f.landmarks)); ea.push(eyeOpening(tr)); eb.push(eyeOpening(f.landmarks));
      }
    } catch (e: any) { console.log(e.code, e.frame, e.message); }
    const mean = err.reduce((x, y) => x + y, 0) / err.length;
    console.log(modules, name, err.length, 'NME', mean.toFixed(2), 'max', Math.max(...err).toFixed(2), 'min score', min.toFixed(2), 'mouth', pearson(a, b).toFixed(3), slope(a, b).toFixed(2), 'eyes', pearson(ea, eb).toFixed(3), slope(ea, eb).toFixed(2), 'first ms', first.toFixed(0), 'per frame', ((performance.now() - t - first) / (err.length - 1)).toFixed(0), 'leak', tf.memory().numTensors - base);
  }
  net[Symbol.dispose]();
}
}, 600000);
