import {
  type Generator,
  generatorFingerprint,
  type LandmarkNet,
  mapLatents,
  type OnProgress,
  tensorToImages,
} from '@faceanim/core';
import {
  centredSquare,
  checkIbug68,
  decodeSubpixel,
  landmarkCount,
  quadToImage,
  standardLandmarkInput,
} from '@faceanim/core/landmarks';
import { generatorCheck, landmarkNetCheck, packKeys } from '@faceanim/core/options';
import { type Backend, pause, randomState, throwIfAborted, timeLeft } from '@faceanim/tensor';
import {
  aFunction,
  anAbortSignal,
  backendCheck,
  bagOf,
  checkOptions,
  type OptionChecks,
  positiveNumber,
  seedCheck,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import * as tf from '@tensorflow/tfjs-core';
import { landmarkParts, partSizes, weightsOfLandmarks } from './landmark-parts';
import { type LinearEncoder, linearEncoder, smallPicture } from './linear-encoder';
import { ridgeRegression } from './ridge-regression';

/** Options of {@link fitEncoder}. */
export interface FitEncoderOptions {
  /** The generator whose latents the encoder is to guess. */
  readonly generator: Generator;
  /** Finds the landmarks of the faces it draws. */
  readonly landmarkNet: LandmarkNet;
  /** Number of random faces to fit to. Default 2000. */
  samples?: number;
  /** Seed of numpy's RandomState, which z is drawn from. Default 0. */
  seed?: number;
  /** Side in pixels that the look is scaled down to. Default 8. */
  side?: number;
  /**
   * Ridge penalties relative to the mean variance of the features: for the pixels of the look, and for the positions and
   * the shapes of the parts of a face. High ones on the landmarks keep hair and skin unchanged while a face moves. Default
   * 0.01, 3 and 1.
   */
  ridge?: { readonly look?: number; readonly places?: number; readonly shapes?: number };
  /** Number of faces drawn at a time. Default 4. */
  batch?: number;
  /** Activated before every batch. Default: the active backend. */
  backend?: Backend;
  /** Aborts the fit. */
  signal?: AbortSignal;
  /** Called with the fraction of the faces that are done and, after the first batch, the seconds left (`stage: 'fit'`). */
  onProgress?: OnProgress;
  /** Called before anything is drawn, if there are fewer samples than features: such an encoder guesses badly. */
  onWarning?: (message: string) => void;
}

const checks: OptionChecks<FitEncoderOptions> = {
  generator: generatorCheck,
  landmarkNet: landmarkNetCheck,
  samples: wholeNumberFrom(1),
  seed: seedCheck,
  side: wholeNumberFrom(1),
  ridge: bagOf({ look: positiveNumber, places: positiveNumber, shapes: positiveNumber }),
  batch: wholeNumberFrom(1),
  backend: backendCheck,
  signal: anAbortSignal,
  onProgress: aFunction,
  onWarning: aFunction,
};

/**
 * Fits an encoder to a generator: it guesses the w of a face from a small picture and the landmarks. This is ridge regression
 * on random faces; it needs only the frozen networks and takes about as long as their forward passes. Conditional generators
 * get the label 0.
 *
 * @throws FaceanimError `invalid-option`, also for a landmark network without the 68 iBUG landmarks; `aborted`
 *
 * @example
 * const encoder = await fitEncoder({ generator, landmarkNet });
 * await writeFile('encoder.safetensors', encoder.toSafetensors());
 */
export async function fitEncoder(options: FitEncoderOptions): Promise<LinearEncoder> {
  checkOptions('fitEncoder', options, checks, { required: ['generator', 'landmarkNet'], ignored: packKeys });
  const { generator, samples = 2000, seed = 0, side = 8, batch = 4 } = options;
  checkIbug68(options.landmarkNet.points, 'fitEncoder');
  const { look = 0.01, places = 3, shapes = 1 } = options.ridge ?? {};
  const random = randomState(seed);
  const pixels = 3 * side * side;
  const known = pixels + partSizes.places + partSizes.shapes.reduce((sum, size) => sum + size, 0);
  if (samples < known) {
    options.onWarning?.(
      `An encoder of ${known} features is fitted to ${samples} ${samples === 1 ? 'sample' : 'samples'}: it will guess badly. Use at least ${known} samples; the default is 2000.`,
    );
  }
  const features: Float32Array[] = [];
  const latents: Float32Array[] = [];
  const left = timeLeft(samples);
  const report = () => {
    const done = features.length;
    options.onProgress?.({ stage: 'fit', ...left.at(done) });
    // The first batch may compile programs, which takes longer.
    if (done > 0) left.start(done);
  };
  while (features.length < samples) {
    report();
    await pause();
    throwIfAborted(options.signal);
    await options.backend?.activate();
    const count = Math.min(batch, samples - features.length);
    const faces = await drawFaces(options, Float32Array.from(random.randn(count * generator.zDim)));
    for (const { w, look: face, landmarks } of faces) {
      latents.push(w);
      features.push(Float32Array.from([...smallPicture(face, side), ...landmarkParts(landmarks)]));
    }
  }
  report();
  const { weight, bias } = ridgeRegression(features, latents, [
    { size: pixels, ridge: look },
    { size: partSizes.places, ridge: places },
    ...partSizes.shapes.map((size) => ({ size, ridge: shapes })),
  ]);
  const { wDim } = generator;
  const fingerprint = await generatorFingerprint(generator);
  return linearEncoder(
    new Map([
      ['look.weight', { shape: [side, side, 3, wDim], data: weight.slice(0, pixels * wDim) }],
      [
        'landmarks.weight',
        { shape: [landmarkCount, 2, wDim], data: weightsOfLandmarks(weight.slice(pixels * wDim), wDim) },
      ],
      ['bias', { shape: [wDim], data: bias }],
      ['generator', { shape: [fingerprint.length], data: fingerprint }],
    ]),
  );
}

/** Draws faces from some z: w, the picture, and landmarks as fractions of its side. */
async function drawFaces({ generator, landmarkNet: net }: FitEncoderOptions, z: Float32Array) {
  const { wDim } = generator;
  const [ws, image, heatmaps] = tf.tidy(() => {
    const latents = mapLatents(generator, z);
    const drawn = generator.synthesis(latents);
    return [latents, drawn, net.heatmaps(standardLandmarkInput(drawn, net, 'result'))] as const;
  });
  try {
    const [w, looks, maps] = await Promise.all([ws.data(), tensorToImages(image, 'signed'), heatmaps.data()]);
    const { heatmapSize: size, points } = net;
    const unit = centredSquare({ width: 1, height: 1 });
    return looks.map((look, i) => {
      const cells = (maps as Float32Array).slice(i * size * size * points, (i + 1) * size * size * points);
      const landmarks = quadToImage(decodeSubpixel(cells, { points, size }).points, unit, size);
      const first = i * generator.numWs * wDim;
      return { w: (w as Float32Array).slice(first, first + wDim), look, landmarks };
    });
  } finally {
    tf.dispose([ws, image, heatmaps]);
  }
}
