import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type AlignedFrame,
  adam,
  type Discriminator,
  type Generator,
  type HostTensors,
  imageToTensor,
  interpolate,
  type LandmarkNet,
  type Latent,
  latentStatistics,
  type PerceptualNet,
  type ProjectedFrame,
  projectSequence,
  type ReferenceModeOptions,
  type RgbImage,
  referenceMode,
  render,
} from '@faceanim/core';
import { centredSquare, originalGroupWeights } from '@faceanim/core/landmarks';
import { heatmaps, lpips, noise as noiseTerm } from '@faceanim/core/losses';
import { openCheckpoint } from '@faceanim/models/checkpoints';
import { decodeSafetensors, type HostTensor, type RandomState, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LatentSpace, latentSpace } from '../../../core/src/latents/latent-space';
import { createObjective, type Objective } from '../../../core/src/optimization/objective';
import type { OptimizeLatentsOptions } from '../../../core/src/optimization/optimize-latents';
import { referenceLandmarkInput } from '../../../core/src/presets/reference-mode';
import { type LatentState, startState, stepLatent } from '../../../core/test/support/single-step';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import {
  fixturesDir,
  listFixtures,
  missingFixtures,
  missingShared,
} from '../../../tensor/test/support/shared';
import { createDiscriminator } from '../../src/discriminators/load-discriminator';
import { createStyleGan2 } from '../../src/generators/stylegan2/stylegan2';
import { createLandmarkNet } from '../../src/landmarks/load-landmark-net';
import { createLpips } from '../../src/perceptual/lpips';

const timeout = 600_000;

/**
 * How many steps of a frame to compare: all on WASM. The plain CPU backend takes seconds per step, so there it is the first
 * step of every frame and the first few of the strict trajectory in two frames.
 */
const all = Number.POSITIVE_INFINITY;
const compared = {
  wasm: { forced: all, ownFrames: all, own: all, still: 3 },
  cpu: { forced: 1, ownFrames: 2, own: 3, still: 1 },
};

/** Losses of one step as the original program logged them, before weighting. */
interface LoggedStep {
  dist: number;
  landmark_loss: number;
  reg_loss: number;
  fidelity_loss: number;
  smoothness_loss: number;
  loss_G: number;
  loss: number;
  lr: number;
}

interface Scenario {
  name: string;
  config: {
    initial_noise_factor: number;
    lr: number;
    steps: number[];
    D: boolean;
    lpips_weight: number;
    landmark_weight: number;
    d_weight: number;
    fidelity_weight: number;
    smoothness_weight: number;
  };
  generator: string;
  fan: string;
  vgg: string;
  w_std: number;
  frames: { steps: LoggedStep[] }[];
  spread_per_step: { w_moved_rel_l2: number[] }[];
}

type Tensors = ReadonlyMap<string, HostTensor>;

const logged: Record<string, keyof LoggedStep> = {
  lpips: 'dist',
  heatmaps: 'landmark_loss',
  noise: 'reg_loss',
  fidelity: 'fidelity_loss',
  smooth: 'smoothness_loss',
  realism: 'loss_G',
};

const withoutCommon = missingFixtures('projection/common.safetensors');
const files = withoutCommon ? [] : listFixtures('projection', /\.json$/, ['.safetensors']);
const read = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T;
const tensorsOf = (file: string): Tensors => decodeSafetensors(readFileSync(file), { file }).tensors;
const scenarios = files
  .map((file) => [file, read<Scenario>(file)] as const)
  .filter(([, { frames, generator, fan, vgg }]) => frames && !missingFixtures(generator, fan, vgg));
const [strict] = scenarios.find(([file]) => basename(file) === 'strict.json') ?? [];
// It uses the networks of the strict scenario.
const still = strict && files.find((file) => basename(file) === 'still.json');

describe.skipIf(scenarios.length === 0)(
  `the original program (${scenarios.length === 0 ? (withoutCommon ?? missingShared) : 'projection fixtures'})`,
  () => {
    eachBackendWithLongCpu((backend) => {
      const limits = compared[backend];
      describe.each(scenarios.map(([file, scenario]) => [scenario.name, file, scenario] as const))(
        '%s',
        (_, file, scenario) => {
          const { config } = scenario;
          const expected = tensorsOf(file.replace(/json$/, 'safetensors'));
          const common = tensorsOf(join(dirname(file), 'common.safetensors'));
          let lab: Lab;
          beforeAll(async () => {
            lab = await openLab(scenario, common);
          });
          afterAll(() => lab.dispose());

          it(
            'losses and gradients at its own latents (teacher-forced)',
            async () => {
              for (const [f, { steps }] of scenario.frames.entries()) {
                using frame = openFrame(lab, scenario, expected, f);
                for (const [k, log] of steps.slice(0, limits.forced).entries()) {
                  const noise = noiseAt(expected, f, k);
                  if (!noise) continue;
                  const state = { step: k, tensors: frame.start().tensors };
                  const before = k === 0 ? undefined : slice(expected.get(`f${f}.w_trajectory`)!, k - 1);
                  const at = withState(state, before, noise);
                  const { losses, gradient } = frame.evaluate(at, k);
                  compareLosses(await named(frame.objective, losses), log, 1e-3);
                  const want = slice(expected.get(`f${f}.grad_w`)!, k);
                  expect(
                    relL2((await gradient.data()) as Float32Array, want),
                    `gradient of frame ${f}, step ${k}`,
                  ).toBeLessThan(5e-3);
                  tf.dispose([losses, gradient, at.tensors]);
                }
              }
            },
            timeout,
          );

          // At the published learning rate, rounding errors decide where it ends: see the README of the fixtures.
          it.skipIf(config.lr >= 0.1 || (backend === 'cpu' && scenario.name !== 'strict'))(
            'the trajectory of its own steps',
            async () => {
              const strict = scenario.name === 'strict';
              for (const [f, { steps }] of scenario.frames.slice(0, limits.ownFrames).entries()) {
                using frame = openFrame(lab, scenario, expected, f);
                const spread = scenario.spread_per_step[f]!.w_moved_rel_l2;
                let state = frame.start();
                const start = (await state.tensors.coordinates!.data()) as Float32Array;
                for (const [k, log] of steps.slice(0, limits.own).entries()) {
                  const next = stepLatent(state, frame.options);
                  tf.dispose(state.tensors);
                  state = next.state;
                  const losses = await named(frame.objective, next.losses);
                  tf.dispose([next.losses, next.gradient]);
                  const comparable = strict || spread[k]! < 1e-4;
                  if (!comparable) break;
                  compareLosses(losses, log, strict ? 1e-3 : 1e-2);
                  const w = (await state.tensors.coordinates!.data()) as Float32Array;
                  const want = slice(expected.get(`f${f}.w_trajectory`)!, k);
                  if (strict) expect(relL2(w, want), `w of frame ${f} after step ${k}`).toBeLessThan(1e-3);
                  const moved = difference(w, start);
                  const wanted = difference(want, start);
                  if (k > 0 && strict && f === 0)
                    expect(relL2(moved, wanted), `way of step ${k}`).toBeLessThan(1e-2);
                  if (k > 1 && strict && f > 0)
                    expect(cosine(moved, wanted), `way of frame ${f}, step ${k}`).toBeGreaterThan(0.97);
                  // Rounding to the other side of a kink (noisy, step 1) shows in the distance moved, not in w.
                  if (!strict) expect(relL2(w, want), `w of frame ${f} after step ${k}`).toBeLessThan(1e-2);
                  if (k > 0 && !strict)
                    expect(cosine(moved, wanted), `way of frame ${f}, step ${k}`).toBeGreaterThan(0.99);
                }
                tf.dispose(state.tensors);
              }
            },
            timeout,
          );
        },
      );

      // The same steps as the strict trajectory above, which takes minutes on the plain CPU backend.
      it.skipIf(backend === 'cpu' || !strict)(
        'projectSequence in reference mode ends at its latents, sub-frames and images',
        async () => {
          const file = strict!;
          const scenario = read<Scenario>(file);
          const expected = tensorsOf(file.replace(/json$/, 'safetensors'));
          const common = tensorsOf(join(dirname(file), 'common.safetensors'));
          const { lr, steps } = scenario.config;
          const lab = await openLab(scenario, common);
          const { generator } = lab.networks;
          const wDim = generator.wDim;
          const initial = Object.fromEntries(
            [...expected]
              .filter(([name]) => name.startsWith('noise_init.'))
              .map(([name, { data }]) => [name.slice('noise_init.'.length, -'.noise_const'.length), data]),
          );
          const mode = referenceMode(lab.networks, { learningRate: lr, initialNoiseFactor: 0 });
          const frames: ProjectedFrame[] = [];
          for await (const frame of projectSequence({
            ...mode,
            tracking: undefined,
            generator,
            look: rgb(common.get('look.u8')!),
            driver: steps.map((_, index) => undrawn(common, index)),
            steps: { first: steps[0]!, next: steps[1]! },
            statistics: {
              wDim,
              mean: common.get('w_avg')!.data,
              std: scenario.w_std,
              covariance: new Float64Array(wDim ** 2),
            },
            noiseMaps: { optimize: 'first-frame', after: 'checkpoint', initial },
          })) {
            frames.push(frame);
          }
          for (const [f, { latent }] of frames.entries()) {
            expect(relL2(latent.data, expected.get(`f${f}.w`)!.data), `w of frame ${f}`).toBeLessThan(1e-3);
          }
          const between: Latent[] = [];
          for await (const latent of interpolate(frames)) between.push(latent);
          for (const f of [1, 2]) {
            expect(relL2(between[2 * f - 1]!.data, expected.get(`f${f}.interpolated_w`)!.data)).toBeLessThan(
              1e-3,
            );
          }
          let f = 0;
          for await (const { data } of render(frames, generator, { rounding: 'truncate' })) {
            const final = expected.get(`f${f++}.final_image`)!;
            const want = rgb({ ...final, data: final.data.map((x) => (x + 1) * 127.5) }).data;
            const off = Array.from(data, (value, i) => Math.abs(value - want[i]!));
            // Truncation turns the smallest difference into a whole step.
            expect(Math.max(...off)).toBeLessThanOrEqual(1);
            expect(off.filter((x) => x > 0).length / off.length).toBeLessThan(0.01);
          }
          lab.dispose();
        },
        timeout,
      );

      it.skipIf(!still)('still: one latent for all layers, the first steps', async () => {
        const file = still!;
        const { config, steps } = read<{
          config: Scenario['config'] & { steps: number };
          steps: LoggedStep[];
        }>(file);
        const expected = tensorsOf(join(dirname(file), 'still.safetensors'));
        const common = tensorsOf(join(dirname(file), 'common.safetensors'));
        const scenario = { ...read<Scenario>(join(dirname(file), 'strict.json')), config };
        const lab = await openLab(
          { ...scenario, config: { ...config, D: false, d_weight: 0 } } as unknown as Scenario,
          common,
          'w',
        );
        const terms = [
          lpips({ net: lab.networks.perceptual, weight: config.lpips_weight }),
          heatmaps({
            net: lab.networks.landmarkNet,
            weight: config.landmark_weight,
            groups: originalGroupWeights,
            form: 'original',
            input: referenceLandmarkInput,
            target: 'drawn-landmarks',
          }),
          noiseTerm(),
        ];
        const objective = createObjective({
          terms,
          generator: lab.networks.generator,
          frame: { index: 0, drivers: [undrawn(common, 0)], look: lab.look, mean: lab.mean },
          space: lab.space,
        });
        const noise = maps(expected, 'noise_init.');
        const options: OptimizeLatentsOptions = {
          objective,
          space: lab.space,
          start: lab.space.origin,
          steps: config.steps,
          // The published rate, which the fixture's configuration leaves out.
          optimizer: adam({ learningRate: { rate: 0.1, offset: 0 }, beta2: 0.999 }),
          random: randomState(0),
          noise,
          noiseUse: 'train',
        };
        let state = startState(options);
        for (let k = 0; k < limits.still; k++) {
          const next = stepLatent(state, options);
          tf.dispose(state.tensors);
          state = next.state;
          compareLosses(await named(objective, next.losses), steps[k]!, 1e-3);
          expect(
            relL2(
              (await state.tensors.coordinates!.data()) as Float32Array,
              slice(expected.get('w_steps')!, k),
            ),
          ).toBeLessThan(1e-3);
          tf.dispose([next.losses, next.gradient]);
        }
        tf.dispose(state.tensors);
        objective[Symbol.dispose]();
        lab.dispose();
      });
    });
  },
);

/** The networks of a scenario and whatever all of its frames share. */
interface Lab {
  networks: {
    generator: Generator;
    landmarkNet: LandmarkNet;
    perceptual: PerceptualNet;
    discriminator: Discriminator | undefined;
  };
  space: LatentSpace;
  mean: tf.Tensor;
  look: ReturnType<typeof imageToTensor<'signed'>>;
  dispose(): void;
}

async function openLab(
  { generator: pkl, fan: pth, vgg, config }: Scenario,
  common: Tensors,
  space: 'w' | 'w+' = 'w+',
): Promise<Lab> {
  const path = (name: string) => join(fixturesDir()!, name);
  await using network = await openCheckpoint(path(pkl));
  const generator = createStyleGan2(await network.read({ prefix: 'G_ema.' }), {
    config: network.networks.G_ema!.config,
  });
  const discriminator = config.D
    ? createDiscriminator(await network.read({ prefix: 'D.' }), {
        config: network.networks.D!.config,
      })
    : undefined;
  await using fanFile = await openCheckpoint(path(pth));
  const landmarkNet = createLandmarkNet(await fanFile.read());
  await using vggFile = await openCheckpoint(path(vgg));
  const vggWeights = await vggFile.read();
  const perceptual = createLpips(vggWeights, vggWeights, { net: 'vgg' });
  // The mean and w_std are estimated from samples, as in the original, and compared with its values.
  const statistics = await latentStatistics(generator, { samples: 10000, seed: 123 });
  expect(relL2(statistics.mean, common.get('w_avg')!.data)).toBeLessThan(1e-4);
  expect(Math.abs(statistics.std / common.get('w_std')!.data[0]! - 1)).toBeLessThan(1e-4);
  const latent = latentSpace(space, { ...statistics, mean: common.get('w_avg')!.data }, generator.numWs);
  const mean = tf.tensor3d(common.get('w_avg')!.data, [1, 1, generator.wDim]);
  const look = imageToTensor(rgb(common.get('look.u8')!), 'signed');
  return {
    networks: { generator, landmarkNet, perceptual, discriminator },
    space: latent,
    mean,
    look,
    dispose: () => {
      for (const owner of [generator, landmarkNet, perceptual, discriminator, latent])
        owner?.[Symbol.dispose]();
      tf.dispose([mean, look]);
    },
  };
}

function openFrame(lab: Lab, { config }: Scenario, expected: Tensors, f: number) {
  const options: ReferenceModeOptions = {
    lpips: config.lpips_weight,
    heatmaps: config.landmark_weight,
    fidelity: config.fidelity_weight,
    smooth: config.smoothness_weight,
    realism: config.D ? config.d_weight : 0,
    learningRate: config.lr,
    initialNoiseFactor: config.initial_noise_factor,
  };
  const { generator } = lab.networks;
  const shape = [1, generator.numWs, generator.wDim] as [number, number, number];
  const before = f === 0 ? undefined : expected.get(`f${f - 1}.w`)!.data;
  const common = tensorsOf(join(fixturesDir()!, 'projection/common.safetensors'));
  const previous = before && tf.tensor3d(before, shape);
  const objective = createObjective({
    terms: referenceMode(lab.networks, options).losses!,
    generator,
    frame: { index: f, drivers: [undrawn(common, f)], look: lab.look, previous, mean: lab.mean },
    space: lab.space,
  });
  const noise = maps(expected, f === 0 ? 'noise_init.' : 'noise_after_frame0.');
  const run: OptimizeLatentsOptions = {
    objective,
    space: lab.space,
    start: before ?? lab.space.origin,
    steps: config.steps[f]!,
    optimizer: referenceMode(lab.networks, options).optimizer,
    random: replay(expected.get(`f${f}.w_noise_draws`)),
    noise,
    noiseUse: f === 0 ? 'train' : 'count',
  };
  return {
    objective,
    options: run,
    start: () => startState(run),
    /** Losses and gradient at a state, with the latent noise that was drawn at that step. */
    evaluate: (state: LatentState, k: number) => {
      const draws = expected.get(`f${f}.w_noise_draws`);
      const result = stepLatent(state, {
        ...run,
        random: replay(draws && { ...draws, data: slice(draws, k) }),
      });
      tf.dispose(result.state.tensors);
      return { losses: result.losses, gradient: result.gradient };
    },
    [Symbol.dispose]: () => {
      objective[Symbol.dispose]();
      tf.dispose(previous ?? []);
    },
  };
}

/** A driver frame as the original received it, with its landmarks but before they are drawn. */
function undrawn(common: Tensors, index: number): AlignedFrame {
  const image = rgb(common.get(`driver.${index}.u8`)!);
  const landmarks = Float64Array.from(common.get(`driver.${index}.landmarks`)!.data);
  const shown = { index, shot: 0, found: true, image, quad: centredSquare(image), score: 1 };
  return { ...shown, landmarks, alignedLandmarks: landmarks };
}

/** Replays recorded normal numbers, if there are any, instead of drawing them. */
function replay(draws: HostTensor | undefined): RandomState {
  if (!draws) return randomState(0);
  let position = 0;
  return {
    randn: (n) => Float64Array.from(draws.data.subarray(position, (position += n))),
    randomSample: () => Number.NaN,
  };
}

/** The noise maps at the start of a step, if the fixture has them: only frame 0 optimises them. */
function noiseAt(expected: Tensors, f: number, k: number): HostTensors | undefined {
  if (f > 0) return maps(expected, 'noise_after_frame0.');
  const found = maps(expected, k === 0 ? 'noise_init.' : `f0.step${k}.noise.`);
  return Object.keys(found).length > 0 ? found : undefined;
}

function maps(tensors: Tensors, prefix: string): HostTensors {
  const suffix = '.noise_const';
  return Object.fromEntries(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix) && name.endsWith(suffix))
      .map(([name, map]) => [name.slice(prefix.length, -suffix.length), map]),
  );
}

/** Replaces the latent and the noise maps of a state and disposes the old ones. */
function withState(
  { step, tensors: { coordinates, ...others } }: LatentState,
  w: Float32Array | undefined,
  noise: HostTensors,
): LatentState {
  const tensors: tf.NamedTensorMap = { ...others };
  tensors.coordinates = w ? tf.tensor(w, coordinates!.shape) : tf.clone(coordinates!);
  coordinates!.dispose();
  for (const [name, { data, shape }] of Object.entries(noise)) {
    tf.dispose(tensors[`noise/${name}`]!);
    tensors[`noise/${name}`] = tf.tensor(data, [...shape]);
  }
  return { step, tensors };
}

async function named(objective: Objective, losses: tf.Tensor): Promise<Record<string, number>> {
  const values = await losses.data();
  return Object.fromEntries([...objective.names, 'total'].map((name, i) => [name, values[i]!]));
}

function compareLosses(losses: Record<string, number>, log: LoggedStep, tolerance: number): void {
  for (const [name, value] of Object.entries(losses)) {
    const want = name === 'total' ? log.loss : log[logged[name]!];
    expect(Math.abs(value - want) / Math.abs(want), `${name}: ${value} instead of ${want}`).toBeLessThan(
      tolerance,
    );
  }
}

const slice = ({ data, shape }: HostTensor, k: number): Float32Array => {
  const size = data.length / shape[0]!;
  return data.slice(k * size, (k + 1) * size);
};
const difference = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a, (x, i) => x - b[i]!);
const norm = (a: ArrayLike<number>) => Math.sqrt(Array.from(a).reduce((sum, x) => sum + x * x, 0));
const relL2 = (a: ArrayLike<number>, b: ArrayLike<number>) => norm(difference(a, b)) / norm(b);
const cosine = (a: number[], b: number[]) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (norm(a) * norm(b));

/** Converts values of 0..255, `[3, height, width]` or `[1, 3, height, width]`, to an image, clamped and truncated. */
function rgb({ data, shape }: HostTensor): RgbImage {
  const [height, width] = shape.slice(-2) as [number, number];
  const pixels = new Uint8Array(data.length);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels[i * 3 + c] = Math.max(0, Math.min(255, data[c * width * height + i]!));
  }
  return { width, height, data: pixels };
}
