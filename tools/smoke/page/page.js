// @ts-check
// What an application does, at its smallest: projects a driver of two frames, interpolates, renders, and writes a video.
// Then draws one face with the bundled pack, and one in a worker.
import { openBackend } from '@faceanim/backend-web';
import { createWorkerProjector } from '@faceanim/browser';
import { interpolate, projectSequence, render, tensorToImages } from '@faceanim/core';
import { heatmaps, lpips, smooth } from '@faceanim/core/losses';
import { tinyGenerator, tinyLandmarkNet, tinyPerceptualNet } from '@faceanim/core/testing';
import { avatarPack, landmarkModel } from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';
import { roundTrip } from './video.js';

async function main() {
  const backend = await openBackend({ prefer: 'wasm', threads: 2 });
  const networks = {
    generator: tinyGenerator(),
    landmarkNet: tinyLandmarkNet(),
    perceptual: tinyPerceptualNet(),
  };
  const before = tf.memory().numTensors;
  const frames = [];
  for await (const frame of projectSequence({
    ...networks,
    backend,
    look: picture(0),
    driver: [driverFrame(0), driverFrame(1)],
    losses: [
      lpips({ net: networks.perceptual }),
      heatmaps({ net: networks.landmarkNet }),
      smooth({ weight: 0.001 }),
    ],
    steps: { first: 8, next: 8 },
    statistics: { samples: 300 },
  })) {
    frames.push(frame);
  }
  const images = [];
  for await (const image of render(interpolate(frames), networks.generator)) images.push(image);
  const face = await bundledFace();
  const tensorsLeft = tf.memory().numTensors - before;
  for (const network of Object.values(networks)) network[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
  return {
    backend: backend.name,
    threads: backend.capabilities.threads,
    losses: frames.map(({ history, losses }) => ({ first: history[0]?.total, last: losses.total })),
    images: images.map(({ data }) => [...data]),
    video: await roundTrip('out.webm', images),
    gif: await roundTrip('out.gif', images),
    face,
    // The bare imports of a worker need a bundler.
    worker: 'unbundled' in globalThis ? undefined : await faceInWorker(),
    identities: (await landmarkModel()).identity.length,
    wrongFolder: await landmarkModel({ folder: '/nowhere' }).catch(outcome),
    withoutWebgl: await openBackend({ prefer: 'webgl' }).catch(outcome),
    tensorsLeft,
  };
}

/** Draws a face with the bundled generator: the size of the picture and how many values its bytes take. */
async function bundledFace() {
  const pack = await avatarPack({ only: ['generator'] });
  const { generator } = pack;
  const image = tf.tidy(() => generator.synthesis(generator.mapping(tf.ones([1, generator.zDim]))));
  const [face] = await tensorToImages(image, 'signed');
  image.dispose();
  pack[Symbol.dispose]();
  return { width: face?.width, height: face?.height, values: new Set(face?.data).size };
}

/** Draws the mean face in a worker, and asks it for what it refuses. */
async function faceInWorker() {
  const projector = await createWorkerProjector({ backend: { prefer: 'wasm' } });
  const { backend, generator } = projector.info;
  const { numWs, wDim } = generator;
  const latents = [{ numWs, wDim, data: new Float32Array(numWs * wDim) }];
  const sizes = [];
  for await (const { width, height, data } of projector.render({ latents }))
    sizes.push([width, height, data.length]);
  const wrongLook = await projector.prepareLook({ look: '/nowhere.png' }).catch(outcome);
  projector[Symbol.dispose]();
  return { backend: backend.name, sizes, wrongLook };
}

/** @param {import('@faceanim/core').FaceanimError} error */
function outcome({ code, message, hint }) {
  return { code, message, hint };
}

/**
 * A frame as a tracker would give it: tiny networks see no faces.
 * @param {number} index
 * @returns {import('@faceanim/core').AlignedFrame}
 */
function driverFrame(index) {
  const landmarks = new Float64Array(136).fill(8);
  return {
    ...{ index, shot: 0, found: true },
    image: picture(1 + index),
    landmarks,
    alignedLandmarks: landmarks,
    quad: { center: [8, 8], x: [8, 0], y: [0, 8] },
    score: 1,
  };
}

/**
 * Waves, others for each seed.
 * @param {number} seed
 */
function picture(seed, size = 16) {
  const data = Uint8Array.from(
    { length: size * size * 3 },
    (_, i) => 128 + 90 * Math.sin((i * (seed + 2)) / 7),
  );
  return { width: size, height: size, data };
}

await fetch('/result', { method: 'POST', body: JSON.stringify({ value: await main() }) });
