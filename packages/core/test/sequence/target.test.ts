import type { ImageTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import type { FaceToEncode } from '../../src/contracts/encoder';
import type { LandmarkNet } from '../../src/contracts/landmark-net';
import type { MotionTarget, TrackedClip } from '../../src/contracts/motion-target';
import type { Landmarks } from '../../src/landmarks/measures';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import {
  type FrameContext,
  heatmaps,
  type LossTerm,
  landmarks,
  pixel,
  posedLook,
  prior,
} from '../../src/losses';
import { referenceMode } from '../../src/presets/reference-mode';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence } from '../../src/sequence/project-sequence';
import { openProjector } from '../../src/sequence/projector';
import { tinyLandmarkNet } from '../../src/testing';
import { clipOf, coefficients, model as landmarkModel } from '../retargeting/bundled-model';
import { type Base, collect, driver, latents, withNetworks } from './support';

/** Landmarks in a picture of 16 pixels that differ from frame to frame. */
const placesAt = (index: number): Landmarks =>
  Float64Array.from({ length: 136 }, (_, i) => 8 + 4 * Math.sin(index + 1.7 * i));

/** A target that keeps what it was given. */
function fakeTarget(change: Partial<MotionTarget> = {}, clips: TrackedClip[] = []): MotionTarget {
  return {
    specificationVersion: 'v1',
    name: 'fake',
    settings: { gain: { mouth: 1 } },
    landmarks: (clip) => {
      clips.push(clip);
      return clip.frames.map(({ index }) => placesAt(index));
    },
    ...change,
  };
}

/** A loss term that keeps the frames it was prepared for. */
function watching(frames: FrameContext[]): LossTerm {
  return {
    specificationVersion: 'v1',
    name: 'watching',
    weight: 1,
    prepare: (frame) => {
      frames.push(frame);
      return {};
    },
    value: ({ coordinates }) => tf.mean(tf.square(coordinates), [1, 2]),
  };
}

eachBackend(() => {
  it('is computed from the whole clip, and reaches loss terms, encoder and results', async () => {
    await withNetworks(async (base) => {
      const clips: TrackedClip[] = [];
      const seen: FrameContext[] = [];
      const asked: FaceToEncode[] = [];
      const encode = (face: FaceToEncode) => {
        asked.push(face);
        return new Float32Array(6).fill(0.1);
      };
      const frames = await collect({
        ...base,
        target: fakeTarget({}, clips),
        encoder: { specificationVersion: 'v1', wDim: 6, encode },
        losses: [...base.losses!, watching(seen)],
        window: 2,
      });
      expect(clips.map(({ frames }) => frames.map(({ index }) => index))).toEqual([[0, 1, 2, 3]]);
      expect(clips[0]!.look).toHaveLength(136);
      const wanted = [0, 1, 2, 3].map(placesAt);
      expect(seen.flatMap(({ drivers }) => drivers.map((frame) => frame.targetLandmarks))).toEqual(wanted);
      expect(asked.map((face) => face.landmarks)).toEqual(
        wanted.map((points) => points.map((value) => value / 16)),
      );
      expect(frames.map((frame) => frame.driver.targetLandmarks)).toEqual(wanted);
    });
  });

  it('moves the results, leaks nothing, and is forgotten by the next run', async () => {
    await withNetworks(async (base) => {
      const without = await collect(base);
      const before = tf.memory().numTensors;
      const run = await collect({ ...base, target: fakeTarget() });
      expect(tf.memory().numTensors).toBe(before);
      expect(latents(run)).not.toEqual(latents(without));
      const again = await collect({ ...base, driver: run.map((frame) => frame.driver) });
      expect(latents(again)).toEqual(latents(without));
      expect(again.some((frame) => frame.driver.targetLandmarks)).toBe(false);
    });
  });

  it('is computed for each shot, and for frames that are left out', async () => {
    await withNetworks(async (base) => {
      const clips: TrackedClip[] = [];
      const target = fakeTarget({}, clips);
      const clip = driver(5).map((frame, i) => ({ ...frame, shot: i < 3 ? 0 : 1 }));
      const run = await collect({ ...base, driver: clip, every: 2, target });
      expect(clips.map(({ frames }) => frames.map(({ index }) => index))).toEqual([
        [0, 1, 2],
        [3, 4],
      ]);
      for (const { driver } of clips) expect(driver).toEqual(clip);
      expect(run.map(({ driver }) => driver.targetLandmarks)).toEqual([0, 2, 4].map(placesAt));
    });
  });

  it('terms compare with the look posed by it; the look is projected as it is', async () => {
    await withNetworks(async (base) => {
      const compared = async (change: Partial<Base>) => {
        const looks: { when: string; shape: number[]; values: number[] }[] = [];
        const keep = (when: string, look: ImageTensor<'signed'>) => {
          looks.push({ when, shape: look.shape, values: [...look.dataSync()] });
          return look;
        };
        const term: LossTerm<ImageTensor<'signed'>> = {
          ...pixel({ relative: false }),
          prepareForRun: ({ look }) => keep('run', look!),
          prepare: (frame) => keep('frame', posedLook(frame)),
        };
        const steps = { look: 2, first: 1, next: 1 };
        await collect({ ...base, losses: [term, prior()], driver: driver(3), window: 2, steps, ...change });
        return looks;
      };
      const [still, ...others] = await compared({});
      expect([still!.when, others]).toEqual(['run', []]);
      const [look, first, next] = await compared({ target: fakeTarget() });
      expect(look).toEqual(still);
      expect([first, next]).toMatchObject([
        { when: 'frame', shape: [1, 16, 16, 3] },
        { when: 'frame', shape: [2, 16, 16, 3] },
      ]);
      expect(first!.values).not.toEqual(still!.values);
      expect(next!.values.slice(768)).not.toEqual(next!.values.slice(0, 768));
      const own = await compared({
        target: fakeTarget({ landmarks: ({ frames, look }) => frames.map(() => look) }),
      });
      const away = own[1]!.values.map((value, i) => Math.abs(value - still!.values[i]!));
      expect(Math.max(...away)).toBeLessThan(0.01);
    });
  });

  it('warns of targets that leave the picture', async () => {
    await withNetworks(async (base) => {
      const landmarks: MotionTarget['landmarks'] = ({ frames }) =>
        frames.map(({ index }) => placesAt(index).map((value, i) => (i === 9 && index > 1 ? 17 : value)));
      const warnings: string[] = [];
      const onWarning = (text: string) => void warnings.push(text);
      await collect({ ...base, target: fakeTarget({ landmarks }), onWarning });
      expect(warnings).toEqual([
        'The target fake leaves the picture in frames 2-3. Are its gains too large?',
      ]);
    });
  });

  it('holds the target of a frame nearby where there is none, within the shot', async () => {
    await withNetworks(async (base) => {
      const landmarks: MotionTarget['landmarks'] = ({ frames }) =>
        frames.map(({ index }) => ([0, 2, 3].includes(index) ? undefined : placesAt(index)));
      const clip = driver(5).map((frame, i) => ({ ...frame, shot: i < 3 ? 0 : 1 }));
      const warnings: string[] = [];
      const options = { ...base, driver: clip, onWarning: (text: string) => warnings.push(text) };
      const run = await collect({ ...options, target: fakeTarget({ landmarks }) });
      expect(run.map(({ driver }) => driver.targetLandmarks)).toEqual([1, 1, 1, 4, 4].map(placesAt));
      expect(warnings).toEqual([expect.stringMatching(/fake.* frames 0, 2-3\.$/)]);
      const none = fakeTarget({ landmarks: ({ frames }) => frames.map(() => undefined) });
      await expect(collect({ ...options, target: none })).rejects.toMatchObject({
        code: 'no-face',
        frame: 0,
      });
    });
  });

  it('takes minScore for the look of a driver that is aligned', async () => {
    await withNetworks(async (base) => {
      const strict = { ...base, tracking: { minScore: 2 } };
      await expect(collect({ ...strict, target: fakeTarget() })).rejects.toThrow(
        'No face was found in the look.',
      );
      await expect(collect(strict)).rejects.toThrow(/tracking\.minScore does not apply/);
    });
  });

  it.each([1, 2])('resumes to the same frames, window %i', async (window) => {
    await withNetworks(async (base) => {
      const options = { ...base, target: fakeTarget(), window };
      const whole = await collect(options);
      const resume = whole.slice(0, 2).map((frame) => decodeFrame(encodeFrame(frame)));
      expect(latents(await collect({ ...options, resume }))).toEqual(latents(whole));
    });
  });
});

describe('a landmark model', () => {
  const clip = clipOf(coefficients(landmarkModel.identity.length, 1), 2);
  const moving = driver(2).map((frame, i) => ({ ...frame, landmarks: clip[i]! }));
  it.each<[string, string, (base: Base) => Partial<ProjectSequenceOptions>]>([
    ['puts the motion on the face of the look', 'retargeted', () => ({})],
    ['leaves the choice of another target', 'fake', () => ({ target: fakeTarget() })],
    ['is not used with the landmarks of the driver', 'driver', () => ({ target: 'driver' })],
    ['is not used without a look', 'driver', () => ({ look: undefined, losses: [watching([])] })],
    [
      'is not used in reference mode',
      'driver',
      ({ landmarkNet, perceptual }) => ({
        ...referenceMode({ landmarkNet, perceptual }),
        tracking: undefined,
        steps: { look: 0, first: 1, next: 1 },
      }),
    ],
  ])('%s', async (_, name, change) => {
    await withNetworks(async (base) => {
      const frames = await collect({ ...base, driver: moving, landmarkModel, ...change(base) });
      expect(frames.map(({ origin }) => origin.settings['target.name'])).toEqual([name, name]);
    });
  });
});

describe('a target', () => {
  it.each<[string, Partial<ProjectSequenceOptions>, RegExp]>([
    ['no target', { target: undefined }, /target\.name was fake and is driver/],
    [
      'another option of the target',
      { target: fakeTarget({ settings: { gain: { mouth: 2 } } }) },
      /target\.gain\.mouth was 1 and is 2/,
    ],
    ['a longer clip', { driver: driver(5) }, /driver\.frames was 4 and is 5/],
  ])('refuses to resume with %s', async (_, change, message) => {
    await withNetworks(async (base) => {
      const options = { ...base, target: fakeTarget() };
      const resume = (await collect(options)).slice(0, 1);
      const run = collect({ ...options, resume, ...change });
      await expect(run).rejects.toMatchObject({ code: 'resume-mismatch' });
      await expect(run).rejects.toThrow(message);
    });
  });

  it('works with a projector', async () => {
    await withNetworks(async ({ look, driver, losses, steps, ...networks }) => {
      const options = { look, driver, losses, steps, target: fakeTarget() };
      const alone = await collect({ ...networks, ...options });
      using projector = await openProjector(networks);
      const frames = [];
      for await (const frame of projector.project(options)) frames.push(frame);
      expect(latents(frames)).toEqual(latents(alone));
    });
  });

  it.each<[string, (base: Base) => Partial<ProjectSequenceOptions>, RegExp]>([
    ['no look', () => ({ look: undefined, losses: [watching([])] }), /^The target fake needs a look/],
    ['no landmark network', () => ({ landmarkNet: undefined }), /^The target fake needs a landmark network/],
    [
      'another number of landmarks',
      () => ({ landmarkNet: tinyLandmarkNet(3, { points: 5, groups: { all: [0, 4] } }) }),
      /target needs the 68 iBUG landmarks, but there are 5/,
    ],
    [
      'a heat map term with another network',
      () => ({ losses: [heatmaps({ net: tinyLandmarkNet(3) })] }),
      /a loss term compares other landmarks/,
    ],
    [
      'a landmark term with an input of its own',
      ({ landmarkNet: net }) => ({ losses: [landmarks({ net, input: (image) => image as never })] }),
      /a loss term compares other landmarks/,
    ],
    [
      'reference mode',
      ({ landmarkNet, perceptual }) => ({
        ...referenceMode({ landmarkNet, perceptual }),
        target: fakeTarget(),
      }),
      /a loss term compares other landmarks/,
    ],
    [
      'something else',
      () => ({ target: 'look' as never }),
      /target must be 'driver' or a target, e\.g\. retargeted/,
    ],
  ])('is rejected with %s before anything is computed', async (_, change, message) => {
    await withNetworks(async (base) => {
      let pulled = false;
      const frames = (function* () {
        pulled = true;
        yield* driver(1);
      })();
      const run = projectSequence({ ...base, target: fakeTarget(), driver: frames, ...change(base) }).next();
      await expect(run).rejects.toMatchObject({ code: 'invalid-option' });
      await expect(run).rejects.toThrow(message);
      expect(pulled).toBe(false);
    });
  });

  it.each<[string, () => Landmarks[]]>([
    ['too few frames', () => [placesAt(0)]],
    ['too few landmarks', () => [placesAt(0), new Float64Array(10)]],
    ['landmarks that are not finite', () => [placesAt(0), new Float64Array(136).fill(Number.NaN)]],
  ])('is rejected if it returns %s', async (_, landmarks) => {
    await withNetworks(async (base) => {
      const run = collect({ ...base, driver: driver(2), target: fakeTarget({ landmarks }) });
      await expect(run).rejects.toMatchObject({ code: 'invalid-option' });
      await expect(run).rejects.toThrow(/finite landmarks for every frame.* driver frame 1/);
    });
  });

  it('needs a face in the look', async () => {
    await withNetworks(async (base) => {
      const { landmarkNet: net } = base;
      const low: LandmarkNet = {
        ...net,
        heatmaps: (image) => tf.tidy(() => tf.mul(net.heatmaps(image), 0.3)),
      };
      const run = collect({ ...base, landmarkNet: low, losses: [watching([])], target: fakeTarget() });
      await expect(run).rejects.toMatchObject({ code: 'no-face' });
      await expect(run).rejects.toThrow('No face was found in the look.');
    });
  });

  it('passes on that the driver has no frames', async () => {
    await withNetworks(async (base) => {
      const run = collect({ ...base, driver: [], target: fakeTarget() });
      await expect(run).rejects.toMatchObject({ code: 'media' });
    });
  });
});
