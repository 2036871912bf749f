import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { Generator } from '../../src/contracts/generator';
import type { RgbImage } from '../../src/contracts/image';
import type { ProgressEvent } from '../../src/contracts/progress';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { interpolate } from '../../src/latents/interpolate';
import { render } from '../../src/latents/render';
import { fidelity, heatmaps, landmarks, lpips, pixel, prior, realism, smooth } from '../../src/losses';
import type { LossTerm } from '../../src/losses/loss-term';
import { adam } from '../../src/optimizers/adam';
import { referenceMode } from '../../src/presets/reference-mode';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence } from '../../src/sequence/project-sequence';
import type { SequenceFrame } from '../../src/sequence/sequence-frame';
import { tinyDiscriminator, tinyLandmarkNet } from '../../src/testing';
import { collect, driver, latents, maxDifference, picture, recordingBackend, withNetworks } from './support';

const noisy = adam({ latentNoise: { factor: 0.3 } });

eachBackend(() => {
  it('projects every driver frame, each from the previous one', async () => {
    await withNetworks(async (base) => {
      // Little smoothness, so that moving beats standing still.
      const frames = await collect({
        ...base,
        losses: [
          lpips({ net: base.perceptual }),
          heatmaps({ net: base.landmarkNet, weight: 0.01 }),
          smooth({ weight: 1e-4 }),
        ],
      });
      expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
      expect(frames.map(({ steps }) => steps)).toEqual([12, 5, 5, 5]);
      expect(Object.keys(frames[0]!.losses)).toEqual(['lpips', 'heatmaps', 'total']);
      expect(Object.keys(frames[1]!.losses)).toEqual(['lpips', 'heatmaps', 'smooth', 'total']);
      expect(frames[0]!.losses.total).toBeLessThan(0.8 * frames[0]!.history[0]!.total);
      const step = (a: number, b: number) =>
        Math.hypot(...frames[a]!.latent.data.map((x, i) => x - frames[b]!.latent.data[i]!));
      // Frame 1 starts at frame 0, and stays closer to it than to the mean latent.
      expect(step(0, 1)).toBeGreaterThan(0);
      expect(step(0, 1)).toBeLessThan(Math.hypot(...frames[1]!.latent.data));
    });
  });

  it('works without a look', async () => {
    await withNetworks(async (base) => {
      const options = {
        ...base,
        look: undefined,
        losses: [heatmaps({ net: base.landmarkNet }), fidelity()],
      };
      expect(await collect(options)).toHaveLength(4);
      expect(await collect({ ...base, look: undefined, losses: undefined })).toHaveLength(4);
      expect(await collect({ ...base, losses: undefined })).toHaveLength(4);
    });
  });

  it('finds the same latents for the same seed', async () => {
    await withNetworks(async (base) => {
      const run = (seed: number) => collect({ ...base, seed, optimizer: noisy });
      const first = latents(await run(1));
      expect(latents(await run(1))).toEqual(first);
      expect(latents(await run(2))).not.toEqual(first);
    });
  });

  it('runs the steps of all frames of one kind with one program of the backend', async () => {
    await withNetworks(async (base) => {
      const structures: string[][] = [];
      const backend = recordingBackend((inputs) => structures.push(Object.keys(inputs)));
      const late: LossTerm = {
        ...heatmaps({ net: base.landmarkNet }),
        weight: ({ frame, progress }) => (frame === 0 && progress < 0.5 ? 0 : 0.01),
      };
      const options = {
        ...base,
        losses: [lpips({ net: base.perceptual }), late, smooth()],
        optimizer: noisy,
      };
      const frames = await collect({ ...options, backend });
      // Frame 0 without and with landmarks, and all frames after it.
      expect(structures).toHaveLength(3);
      expect(structures[1]).toEqual(structures[0]);
      expect(new Set(structures[2])).toEqual(new Set([...structures[0]!, 'frame/previous']));
      expect(latents(frames)).toEqual(latents(await collect(options)));
    });
  });

  it('resumes an interrupted run and ends with the same frames', async () => {
    await withNetworks(async (base) => {
      const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
      const options = { ...base, optimizer: noisy, noiseMaps };
      const whole = await collect(options);
      const controller = new AbortController();
      const saved: Uint8Array[] = [];
      const broken = async () => {
        for await (const frame of projectSequence({ ...options, signal: controller.signal })) {
          saved.push(encodeFrame(frame));
          if (frame.index === 1) controller.abort();
        }
      };
      await expect(broken()).rejects.toMatchObject({ code: 'aborted', frame: 2 });
      expect(saved).toHaveLength(2);
      const resumed = await collect({ ...options, resume: saved.map((bytes) => decodeFrame(bytes)) });
      expect(latents(resumed)).toEqual(latents(whole));
      expect(resumed[3]!.noise).toEqual(whole[3]!.noise);
    });
  });

  it('refuses to resume from frames of another run', async () => {
    await withNetworks(async (base) => {
      const [frame] = await collect({ ...base, driver: driver(1) });
      const other = collect({ ...base, space: 'w+', resume: [frame!] });
      await expect(other).rejects.toMatchObject({ code: 'resume-mismatch', frame: 0 });
    });
  });

  it('optimises the frames of a window independently, without a smoothness term', async () => {
    await withNetworks(async (base) => {
      const options = {
        ...base,
        losses: [lpips({ net: base.perceptual }), heatmaps({ net: base.landmarkNet, weight: 0.01 }), prior()],
        earlyStopping: false as const,
      };
      const windows = await collect({ ...options, driver: driver(6), window: 3 });
      expect(windows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
      for (const [at, before] of [
        [1, 0],
        [3, 0],
        [5, 3],
      ] as const) {
        const drivers = driver(6);
        // As if they came from a run without windows.
        const resume = windows.slice(0, before + 1).map(({ origin, ...frame }) => ({
          ...frame,
          origin: { ...origin, settings: { ...origin.settings, window: 1 } },
        }));
        const alone = await collect({
          ...options,
          driver: [...drivers.slice(0, before + 1), drivers[at]!],
          resume,
        });
        const frame = alone.at(-1)!;
        expect(maxDifference(windows[at]!.coordinates, frame.coordinates)).toBeLessThan(1e-4);
        expect(windows[at]!.losses.total).toBeCloseTo(frame.losses.total!, 5);
        expect(windows[at]!.history.map(({ step }) => step)).toEqual(frame.history.map(({ step }) => step));
      }
    });
  });

  it('smooths within windows, and towards the previous window', async () => {
    await withNetworks(async (base) => {
      const steps = { look: 0, first: 12, next: 30 };
      const run = (weight: number) =>
        collect({
          ...base,
          driver: driver(7),
          steps,
          window: 3,
          losses: [
            lpips({ net: base.perceptual }),
            heatmaps({ net: base.landmarkNet, weight: 0.3 }),
            smooth({ weight }),
          ],
        });
      const [rough, still] = [await run(1e-9), await run(0.1)];
      for (const i of [1, 2, 3, 4, 5, 6]) {
        const way = (frames: SequenceFrame[]) =>
          Math.hypot(...frames[i]!.latent.data.map((x, k) => x - frames[i - 1]!.latent.data[k]!));
        expect(way(still), `from frame ${i - 1} to ${i}`).toBeLessThan(way(rough));
        if (i !== 1 && i !== 4) expect(still[i]!.losses.smooth).toBeCloseTo(way(still), 1);
      }
    });
  });

  it('goes on in the middle of a window, tells how far it is, and needs one program for each size', async () => {
    await withNetworks(async (base) => {
      let programs = 0;
      const backend = recordingBackend(() => programs++);
      const options = { ...base, driver: driver(8), window: 3, optimizer: noisy };
      const fractions: number[] = [];
      const onProgress = ({ step, fraction }: ProgressEvent) =>
        step !== undefined && fractions.push(fraction!);
      const whole = await collect({ ...options, backend, frames: 8, onProgress });
      expect(programs).toBe(3);
      expect(fractions).toHaveLength(12 + 3 * 5);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
      expect(latents(await collect({ ...options, resume: whole.slice(0, 3) }))).toEqual(latents(whole));
    });
  });

  it('takes two terms of one kind by different names', async () => {
    await withNetworks(async (base) => {
      const { landmarkNet: net, perceptual } = base;
      using other = tinyLandmarkNet(5);
      const losses = [
        ...[heatmaps({ net }), heatmaps({ net: other, name: 'other heatmaps' })],
        ...[landmarks({ net }), landmarks({ net: other, name: 'other landmarks' })],
        ...[lpips({ net: perceptual }), lpips({ net: perceptual, name: 'small', size: 8 })],
      ];
      const [frame] = await collect({ ...base, losses, driver: driver(1) });
      const { total, ...values } = frame!.losses;
      expect(Object.keys(values)).toEqual(losses.map(({ name }) => name));
      expect(new Set(Object.values(values)).size).toBe(6);
      expect(frame!.origin.settings).toMatchObject({ 'losses.small.size': 8, 'losses.lpips.size': 256 });
    });
  });

  it('gives a shorter last window a program of its own, also without prepared inputs', async () => {
    await withNetworks(async (base) => {
      const batches: number[] = [];
      const backend = recordingBackend((inputs) => batches.push(inputs.coordinates!.shape[0]!));
      const losses = [lpips({ net: base.perceptual }), pixel(), smooth(), prior()];
      const options = { ...base, losses, driver: driver(4), window: 2 };
      const frames = await collect({ ...options, backend });
      expect(batches).toEqual([1, 2, 1]);
      const resumed = await collect({ ...options, resume: frames.slice(0, 3) });
      expect(latents(resumed)).toEqual(latents(frames));
    });
  });

  it('keeps the windows finished before an abort', async () => {
    await withNetworks(async (base) => {
      const controller = new AbortController();
      const kept: number[] = [];
      const run = async () => {
        for await (const { index } of projectSequence({
          ...base,
          driver: driver(7),
          window: 3,
          signal: controller.signal,
          onProgress: ({ frame, step }) => frame === 6 && step === 2 && controller.abort(),
        })) {
          kept.push(index);
        }
      };
      await expect(run()).rejects.toMatchObject({
        ...{ code: 'aborted', frame: 4, step: 3 },
        hint: 'To go on, start it again with the finished frames as resume.',
      });
      expect(kept).toEqual([0, 1, 2, 3]);
    });
  });

  it('keeps the frames finished before one that fails', async () => {
    await withNetworks(async (base) => {
      async function* failing() {
        yield* driver(2);
        throw new FaceanimError('no-face', 'No face in frame 2.', { frame: 2 });
      }
      const kept: number[] = [];
      const run = async () => {
        for await (const { index } of projectSequence({ ...base, driver: failing() })) kept.push(index);
      };
      await expect(run()).rejects.toMatchObject({ code: 'no-face', frame: 2 });
      expect(kept).toEqual([0, 1]);
    });
  });

  it('reports progress', async () => {
    await withNetworks(async (base) => {
      const events: ProgressEvent[] = [];
      await collect({ ...base, frames: 4, onProgress: (event) => events.push(event) });
      const steps = events.filter(({ stage, step }) => stage === 'optimize' && step !== undefined);
      expect(steps).toHaveLength(12 + 3 * 5);
      expect(steps.at(-1)).toMatchObject({ frame: 3, step: 4, steps: 5, fraction: 1, etaSeconds: 0 });
      expect(steps.every(({ fraction }, i) => i === 0 || fraction! > steps[i - 1]!.fraction!)).toBe(true);
      const statistics = events.filter(({ stage }) => stage === 'statistics');
      expect(statistics[0]).toEqual({ stage: 'statistics', fraction: 0 });
      expect(statistics.at(-1)).toEqual({ stage: 'statistics', fraction: 1 });
      // Long stages are reported before they begin.
      const begun = events.findIndex(({ stage, step }) => stage === 'optimize' && step === undefined);
      expect(events[begun]).toMatchObject({ frame: 0, frames: 4, steps: 12, fraction: 0 });
      expect(events[begun + 1]).toBe(steps[0]);
    });
  });

  it('renders sub-frames of projected frames, with the chosen noise maps', async () => {
    await withNetworks(async (base) => {
      const images: RgbImage[] = [];
      for await (const image of render(interpolate(projectSequence(base), { factor: 3 }), base.generator, {
        batch: 4,
      })) {
        images.push(image);
      }
      expect(images).toHaveLength(3 * 3 + 1);
      expect(images[0]).toMatchObject({ width: 16, height: 16 });
      const [frame] = await collect({ ...base, driver: driver(1) });
      const draw = async (noise: 'const' | 'none') => {
        for await (const { data } of render([frame!], base.generator, { noise })) return data;
        return undefined;
      };
      expect(await draw('const')).toEqual(images[0]!.data);
      expect(await draw('none')).not.toEqual(images[0]!.data);
    });
  });

  it('runs in reference mode', async () => {
    await withNetworks(async (base) => {
      const { landmarkNet, perceptual } = base;
      const frames = await collect({
        ...base,
        losses: undefined,
        ...referenceMode({ landmarkNet, perceptual }),
        tracking: undefined,
      });
      expect(Object.keys(frames[1]!.losses)).toEqual([
        'lpips',
        'heatmaps',
        'fidelity',
        'smooth',
        'noise',
        'total',
      ]);
      // Noise maps are optimised in frame 0 only and stay in the objective, but images use the checkpoint's.
      expect(frames[1]!.noise).toEqual(frames[0]!.noise);
      expect(frames[0]!.latent.noise).toBeUndefined();
      expect(frames[1]!.losses.noise).toBeCloseTo(frames[2]!.losses.noise!, 6);
      // The pictures of a window are normalised one by one for the landmark network.
      const mode = {
        ...base,
        losses: undefined,
        ...referenceMode({ landmarkNet, perceptual }, { smooth: 0, initialNoiseFactor: 0 }),
        tracking: undefined,
      };
      const alone = await collect({ ...mode, driver: driver(2) });
      const windows = await collect({ ...mode, driver: driver(3), window: 2 });
      expect(maxDifference(windows[1]!.coordinates, alone[1]!.coordinates)).toBeLessThan(1e-4);
    });
  });
});

/** W+ of a generator of 1024 pixels, which is never run. */
const thousands: Partial<ProjectSequenceOptions> = {
  space: 'w+',
  generator: { wDim: 512, numWs: 18, mapping: () => {}, synthesis: () => {} } as unknown as Generator,
};

it.each<[string, Partial<ProjectSequenceOptions>, RegExp]>([
  ['an unknown space', { space: 'z' as 'w' }, /space/],
  ['quasi-Newton steps on thousands of coordinates', thousands, /quasiNewton\(\).*340 MB for 9216/],
  [
    'quasi-Newton steps on windows of too many frames',
    { window: 1e6 },
    /MB for 6 coordinates and windows of 1000000/,
  ],
  ['a window of no frames', { window: 0 }, /window/],
  ['no steps', { steps: { look: 0, first: 0 } }, /steps\.first/],
  [
    'the name of an optimizer',
    { optimizer: 'adam' as never },
    /optimizer must be an optimizer, e\.g\. quasiNewton/,
  ],
  ['a learning rate as an option of the run', { learningRate: 0.1 } as object, /learningRate/],
  [
    'optimised noise maps with an optimizer that does not train them',
    { noiseMaps: { optimize: 'first-frame', after: 'keep' } },
    /quasi-newton does not optimise noise maps/,
  ],
  ['NaN as weight', { losses: [{ ...fidelity(), weight: Number.NaN }] }, /fidelity/],
  [
    'a schedule that returns NaN',
    { losses: [{ ...fidelity(), weight: () => Number.NaN }] },
    /schedule of the loss term fidelity returned NaN \(frame 0, step 0\)/,
  ],
  [
    'a schedule that returns a negative number',
    { losses: [{ ...fidelity(), weight: () => -1 }] },
    /schedule of the loss term fidelity returned -1/,
  ],
  ['a term called total', { losses: [{ ...fidelity(), name: 'total' }] }, /name of a loss term must be/],
  ['early stopping without patience', { earlyStopping: {} as never }, /earlyStopping\.patience must/],
  [
    'early stopping without tolerance',
    { earlyStopping: { patience: 3 } as never },
    /earlyStopping\.tolerance must/,
  ],
  ['half a rectangle', { tracking: { align: { x: 0, y: 0 } as never } }, /tracking\.align\.width must/],
  ['a term twice', { losses: [fidelity(), fidelity()] }, /different names/],
  ['no terms', { losses: [] }, /losses/],
  ['lpips without a look', { look: undefined }, /lpips needs a look/],
  ['pixel without a look', { look: undefined, losses: [pixel()] }, /pixel needs a look/],
  [
    'a discriminator for other pictures',
    { losses: [realism({ net: { ...tinyDiscriminator(), resolution: 32 } })] },
    /discriminator of realism takes images of 32 pixels, but the generator's images have 16/,
  ],
  [
    'no perceptual network for the default losses',
    { losses: undefined, perceptual: undefined },
    /^perceptual must/,
  ],
  [
    'no landmark network for the default losses',
    { losses: undefined, landmarkNet: undefined },
    /^landmarkNet must/,
  ],
  ['a driver without frames', { driver: [] }, /no frames/],
  [
    'an option in another one that it does not have',
    { steps: { frist: 3 } as object },
    /steps takes no option "frist"/,
  ],
  ['negative smoothing', { tracking: { smoothing: -1 } }, /tracking\.smoothing must be a number from 0/],
  ['an unknown option', { fanModule: 1 } as object, /fanModule/],
  ['earlyStopping: true', { earlyStopping: true as never }, /earlyStopping must be false or .*got true/],
  ['misspelt noise maps', { noiseMaps: 'cosnt' as 'const' }, /noiseMaps must be/],
  [
    'noise maps that do not say what comes after',
    { noiseMaps: { optimize: 'first-frame' } as never, optimizer: adam() },
    /noiseMaps\.after/,
  ],
  [
    'noise maps for layers that are not there',
    {
      noiseMaps: { optimize: 'first-frame', after: 'keep', initial: { b8: new Float32Array(1) } },
      optimizer: adam(),
    },
    /b16\.conv0/,
  ],
  [
    'the name of a backend',
    { backend: 'wasm' as never },
    /backend must be a backend that openBackend\(\) has opened, got "wasm"/,
  ],
  ['a file name as look', { look: 'look.png' as never }, /look must be an RgbImage .*readImage/],
  [
    'the name of a file as driver',
    { driver: 'x.mp4' as never },
    /driver must be the frames of a driver, e\.g\. readVideo/,
  ],
  ['file names as driver frames', { driver: ['x.png'] as never }, /frame of the driver/],
  ['a string as losses', { losses: 'lpips' as never }, /losses must be a list of loss terms/],
  [
    'no generator',
    { generator: undefined as never },
    /generator must be a generator, e\.g\. that of avatarPack/,
  ],
  [
    'an initial latent of another shape',
    { initial: { numWs: 1, wDim: 6, data: new Float32Array(6) } },
    /initial must be a latent of shape \[4, 6\]/,
  ],
  [
    'an initial latent with too few numbers',
    { initial: { numWs: 4, wDim: 6, data: new Float32Array(6) } },
    /initial/,
  ],
  ['driver frames out of order', { driver: driver(2).reverse() }, /index of a driver frame/],
  [
    'plain images after aligned ones',
    { driver: [driver(1)[0]!, { index: 1, image: picture(1) }] },
    /aligned frame/,
  ],
])('refuses %s', async (_, options, message) => {
  await withNetworks(async (base) => {
    const error = await collect({ ...base, steps: { look: 0, first: 1, next: 1 }, ...options }).catch(
      (e: unknown) => e,
    );
    expect(FaceanimError.isInstance(error)).toBe(true);
    expect((error as FaceanimError).message).toMatch(message);
    // The fix is in the message, if that says what is expected, else in the hint.
    const { message: said, hint } = error as FaceanimError;
    expect(said.includes(' must be ') || hint, said).toBeTruthy();
  });
});

it('ignores the other properties of a pack', async () => {
  await withNetworks(async (base) => {
    const models = { ...base, factors: {}, manifest: {} };
    expect(await collect({ ...models, steps: { look: 0, first: 1 }, driver: driver(1) })).toHaveLength(1);
  });
});
