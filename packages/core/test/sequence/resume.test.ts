import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/contracts/progress';
import { trackClip } from '../../src/landmarks/track-clip';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { render } from '../../src/latents/render';
import { latentStatistics } from '../../src/latents/statistics';
import { heatmaps, lpips, smooth } from '../../src/losses';
import { adam } from '../../src/optimizers/adam';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { openProjector } from '../../src/sequence/projector';
import { tinyGenerator } from '../../src/testing';
import { type Base, collect, driver, latents, picture, withNetworks } from './support';

type Change = Partial<ProjectSequenceOptions>;

/** Two frames that are still to be tracked. */
const untracked = (seed: number) => [0, 1].map((index) => ({ index, image: picture(seed + index) }));

beforeAll(() => tf.setBackend('cpu'));

it.each<[string, Change | ((base: Base) => Change), RegExp]>([
  ['a seed', { seed: 1 }, /seed was 0 and is 1/],
  ['steps', { steps: { look: 0, first: 12, next: 6 } }, /steps\.next was 5 and is 6/],
  [
    'a loss term’s weight',
    ({ landmarkNet: net, perceptual }) => ({
      losses: [lpips({ net: perceptual }), heatmaps({ net, weight: 0.02 }), smooth()],
    }),
    /losses\.heatmaps was 0\.01 and is 0\.02/,
  ],
  [
    'a schedule instead of a weight',
    ({ landmarkNet: net, perceptual }) => ({
      losses: [lpips({ net: perceptual }), heatmaps({ net, weight: () => 0.01 }), smooth()],
    }),
    /losses\.heatmaps was 0\.01 and is function/,
  ],
  [
    'what a term was made with',
    ({ landmarkNet: net, perceptual }) => ({
      losses: [
        lpips({ net: perceptual, size: 8 }),
        heatmaps({ net, weight: 0.01, groups: { eyes: 3 } }),
        smooth(),
      ],
    }),
    /losses\.lpips\.size was 256 and is 8; losses\.heatmaps\.groups\.eyes was 4 and is 3\./,
  ],
  [
    'a term left out',
    ({ landmarkNet: net, perceptual }) => ({
      losses: [lpips({ net: perceptual }), heatmaps({ net, weight: 0.01 })],
    }),
    /losses\.smooth was 0\.25 and is none/,
  ],
  [
    'whether a weight is relative',
    ({ losses = [] }) => ({ losses: losses.map((term) => ({ ...term, relative: false })) }),
    /losses\.lpips\.relative was true and is false/,
  ],
  ['another optimizer', { optimizer: adam() }, /optimizer\.name was quasi-newton and is adam/],
  ['another look', { look: picture(5) }, /the look is another picture/],
  [
    'no look',
    ({ landmarkNet: net }) => ({ look: undefined, losses: [heatmaps({ net, weight: 0.01 })] }),
    /mode was identity and is free/,
  ],
  [
    'a latent to start from',
    { initial: { numWs: 4, wDim: 6, data: new Float32Array(24) } },
    /initial was none/,
  ],
  [
    'another driver frame',
    { driver: driver(1).map((frame) => ({ ...frame, image: picture(7) })) },
    /frame 0 of the driver is another one/,
  ],
])('refuses to resume what differs in %s, and says so', async (_, given, message) => {
  await withNetworks(async (base) => {
    const change = typeof given === 'function' ? given(base) : given;
    const short = { ...base, steps: { look: 0, first: 2, next: 5 } };
    const steps = change.steps ? { steps: { ...change.steps, first: 2 } } : {};
    const resume = await collect({ ...short, driver: driver(1) });
    const other = collect({ ...short, ...change, ...steps, resume });
    await expect(other).rejects.toMatchObject({
      code: 'resume-mismatch',
      frame: 0,
      message: expect.stringMatching(message),
    });
  });
});

it.each<[string, (base: Base) => Change, RegExp]>([
  ['a seed', () => ({ seed: 1 }), /Frame 0 .* seed was 0 and is 1/],
  ['another look', () => ({ look: picture(5) }), /the look is another picture/],
  ['another latent space', () => ({ space: 'w+' }), /and 24 coordinates|has \[4, 6\] and 24/],
  ['how the driver is tracked', () => ({ tracking: { align: 'none', minScore: 0.1 } }), /minScore was 0 and/],
  ['the first frame of the driver', () => ({ driver: untracked(9) }), /frame 0 of the driver is another one/],
])('refuses to resume what differs in %s before the driver is tracked', async (_, change, message) => {
  await withNetworks(async (base) => {
    const options: Base = {
      ...{ ...base, steps: { look: 0, first: 1, next: 1 }, driver: untracked(0) },
      tracking: { align: 'none', minScore: 0 },
    };
    const resume = await collect(options);
    const stages: string[] = [];
    const onProgress = ({ stage }: ProgressEvent) => void stages.push(stage);
    const other = collect({ ...options, ...change(base), resume, onProgress });
    await expect(other).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringMatching(message),
    });
    expect(stages).not.toContain('track');
    await collect({ ...options, resume, onProgress });
    expect(stages).toContain('track');
  });
});

it('refuses a later frame of another run, or a list of another length, before the driver is tracked', async () => {
  await withNetworks(async (base) => {
    const options: Base = {
      ...{ ...base, steps: { look: 0, first: 1, next: 1 }, driver: untracked(0) },
      tracking: { align: 'frame', minScore: 0 },
    };
    const [first] = await collect(options);
    const others = await collect({ ...options, seed: 1 });
    const stages: string[] = [];
    const onProgress = ({ stage }: ProgressEvent) => void stages.push(stage);
    const mixed = collect({ ...options, resume: [first!, others[1]!], onProgress });
    await expect(mixed).rejects.toThrow(/^Frame 1 .* seed was 1 and is 0/);
    const longer = { driver: [...untracked(0), { index: 7, image: picture(7) }] };
    const list = collect({ ...options, ...longer, resume: [first!], onProgress });
    await expect(list).rejects.toThrow(/driver\.frames was 2 and is 3/);
    expect(stages).not.toContain('track');
    // How many a stream has is known when all are tracked.
    const stream = collect({ ...options, driver: longer.driver.values(), resume: [first!], onProgress });
    await expect(stream).rejects.toThrow(/driver\.frames was 2 and is 3/);
    expect(stages).toContain('track');
  });
});

it.each<[string, number[], string]>([
  ['do not begin with frame 0', [1, 2], 'Frame 1 to resume from stands where frame 0 should.'],
  ['have a gap', [0, 2], 'Frame 2 to resume from stands where frame 1 should.'],
])('refuses to resume from frames that %s, and says so', async (_, kept, message) => {
  await withNetworks(async (base) => {
    const options = { ...base, steps: { look: 0, first: 1, next: 1 }, driver: driver(3) };
    const frames = await collect(options);
    const resume = kept.map((index) => frames[index]!);
    await expect(collect({ ...options, resume })).rejects.toMatchObject({
      ...{ code: 'resume-mismatch', message },
      hint: expect.stringContaining('from frame 0 on, in order'),
    });
  });
});

it('resumes a list of which frames without a face are left out, also the first', async () => {
  await withNetworks(async (base) => {
    const grey = { ...picture(0), data: new Uint8Array(16 * 16 * 3).fill(128) };
    const images = [grey, picture(1), grey, picture(2)];
    const options: Base = {
      ...{ ...base, steps: { look: 0, first: 1, next: 1 } },
      driver: images.map((image, index) => ({ index, image })),
      tracking: { align: 'frame', minScore: 0.7, onMissingFace: 'skip' },
    };
    const whole = await collect(options);
    expect(whole.map(({ driverIndex }) => driverIndex)).toEqual([1, 3]);
    expect(latents(await collect({ ...options, resume: whole.slice(0, 1) }))).toEqual(latents(whole));
  });
});

it('an abort ends the comparison of finished frames, of which there may be thousands', async () => {
  await withNetworks(async (base) => {
    const options = { ...base, steps: { look: 0, first: 1, next: 1 } };
    const frames = await collect(options);
    const controller = new AbortController();
    const read: number[] = [];
    const at = async (position: number) => {
      read.push(position);
      if (position === 1) controller.abort();
      return frames[position];
    };
    const again = collect({ ...options, resume: { length: 4, at }, signal: controller.signal });
    await expect(again).rejects.toMatchObject({ code: 'aborted', frame: 1 });
    expect(Math.max(...read)).toBe(1);
  });
});

it('reads each frame of a store twice: before the driver is tracked, and when the run has come to it', async () => {
  await withNetworks(async (base) => {
    const tracking = { align: 'none', minScore: 0 } as const;
    const options = { ...base, tracking, steps: { look: 0, first: 1, next: 1 }, driver: untracked(0) };
    const frames = await collect(options);
    const done: (number | 'track')[] = [];
    const at = async (position: number) => {
      if (position < 2) done.push(position);
      return frames[position];
    };
    const onProgress = ({ stage }: ProgressEvent) => void (stage === 'track' && done.push(stage));
    expect(await collect({ ...options, resume: { length: 2, at }, onProgress })).toHaveLength(2);
    expect(done.filter((each, i) => each !== done[i - 1])).toEqual([0, 1, 'track', 0, 1]);
    expect(done.filter((each) => each !== 'track')).toEqual([0, 1, 0, 1]);
  });
});

it('goes on with other settings if it may, but not with another look, space or driver', async () => {
  await withNetworks(async (base) => {
    const short = { ...base, steps: { look: 0, first: 2, next: 1 }, driver: driver(2) };
    const resume = await collect({ ...short, driver: driver(1) });
    const same = await collect({ ...short, resume });
    const changed = { ...short, steps: { look: 0, first: 9, next: 3 }, resume, resumeChanged: true };
    const [kept, next] = await collect(changed);
    expect(kept!.latent).toEqual(resume[0]!.latent);
    expect([same[1]!.steps, next!.steps]).toEqual([1, 3]);
    await expect(collect({ ...changed, look: picture(5) })).rejects.toThrow(/the look is another picture\.$/);
    await expect(collect({ ...changed, space: 'w' })).rejects.toThrow(/: space was whitened-w and is w\.$/);
    const others = driver(2).map((frame) => ({ ...frame, image: picture(7) }));
    await expect(collect({ ...changed, driver: others })).rejects.toThrow(
      /frame 0 of the driver is another one/,
    );
  });
});

it('refuses to resume with another generator of the same size', async () => {
  await withNetworks(async (base) => {
    const resume = await collect({ ...base, steps: { look: 0, first: 1 }, driver: driver(1) });
    using generator = tinyGenerator(2);
    const other = collect({ ...base, steps: { look: 0, first: 1 }, generator, resume });
    await expect(other).rejects.toThrow(/the generator is another one/);
  });
});

it('refuses to resume frames of another version', async () => {
  await withNetworks(async (base) => {
    const options = { ...base, steps: { look: 0, first: 1 }, driver: driver(1) };
    const resume = (await collect(options)).map((frame) => ({
      ...frame,
      origin: { ...frame.origin, sdk: '99.0.0' },
    }));
    await expect(collect({ ...options, resume })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringMatching(/made by version 99\.0\.0 of the SDK/),
    });
  });
});

it('resumes with options that do not affect latents: readEvery, explicit defaults', async () => {
  await withNetworks(async (base) => {
    const plain = driver(2).map(({ index, image }) => ({ index, image }));
    const options = {
      ...{ ...base, steps: { look: 0, first: 3, next: 2 }, driver: plain, earlyStopping: false as const },
      tracking: { align: 'none', minScore: 0 } as const,
    };
    const resume = (await collect(options)).slice(0, 1).map((frame) => decodeFrame(encodeFrame(frame)));
    const same = {
      tracking: { align: 'none', minScore: 0, face: undefined, onMissingFace: 'hold', smoothing: 1.5 },
      readEvery: 3,
      seed: 0,
      space: 'whitened-w',
      noiseMaps: 'const',
    } as const;
    await expect(collect({ ...options, ...same, resume })).resolves.toHaveLength(2);
    const stricter = { tracking: { align: 'none', minScore: 0.1 } } as const;
    await expect(collect({ ...options, ...stricter, resume })).rejects.toThrow(
      /tracking\.minScore was 0 and is 0\.1/,
    );
  });
});

it('compares how often losses are read where early stopping depends on it, and goes on as it began', async () => {
  await withNetworks(async (base) => {
    const options = { ...base, steps: { look: 0, first: 2, next: 2 }, driver: driver(2) };
    const [first] = await collect({ ...options, readEvery: 2 });
    const resumed = await collect({ ...options, resume: [first!] });
    expect(resumed[1]!.origin.settings.readEvery).toBe(2);
    await expect(collect({ ...options, readEvery: 3, resume: [first!] })).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringContaining('readEvery was 2 and is 3'),
    });
  });
});

it('compares what latent statistics are, not where they come from', async () => {
  await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder, ...run }) => {
    const networks = { generator, landmarkNet, perceptual };
    const options = { ...networks, ...run, steps: { look: 0, first: 1 }, driver: driver(1) };
    const sampled = await latentStatistics(generator, { samples: 300 });
    const { sampled: _, ...bare } = sampled;
    const mean = bare.mean.map((x, i) => (i === 0 ? x + 1e-7 : x));

    const resume = await collect({ ...options, statistics: { samples: 300 } });
    expect(await collect({ ...options, statistics: sampled, resume })).toHaveLength(1);
    using projector = await openProjector({ ...networks, statistics: { samples: 300, seed: 123 } });
    const again = [];
    for await (const frame of projector.project({
      ...run,
      steps: { look: 0, first: 1 },
      driver: driver(1),
      resume,
    }))
      again.push(frame);
    expect(again).toHaveLength(1);
    const other = collect({ ...options, statistics: { samples: 300, seed: 5 }, resume });
    await expect(other).rejects.toThrow(/statistics\.seed was 123 and is 5/);

    const made = await collect({ ...options, statistics: bare });
    expect(await collect({ ...options, statistics: { ...bare }, resume: made })).toHaveLength(1);
    const changed = collect({ ...options, statistics: { ...bare, mean }, resume: made });
    await expect(changed).rejects.toThrow(/statistics was .* and is /);
  });
});

it('the settings of an optimizer cannot stand in for others, whatever it is called', async () => {
  await withNetworks(async (base) => {
    const optimizer = { ...adam(), name: 'losses', settings: { smooth: 1, name: 'seed' } };
    const [frame] = await collect({ ...base, optimizer, steps: { look: 0, first: 1 }, driver: driver(1) });
    expect(frame!.origin.settings).toMatchObject({
      'losses.smooth': 0.25,
      'optimizer.name': 'losses',
      'optimizer.smooth': 1,
    });
  });
});

it.each<[string, Change, { stage: string; position?: number }, RegExp | undefined]>([
  ['in the first frame', {}, { stage: 'optimize', position: 0 }, undefined],
  ['after a frame was given', {}, { stage: 'optimize', position: 1 }, /as resume/],
  ['after frames that only the run has', { refine: true }, { stage: 'refine' }, undefined],
  ['after frames that onFrame got', { refine: { onFrame() {} } }, { stage: 'refine' }, /as resume/],
])('an abort %s says how to go on if that is possible', async (_, change, when, hint) => {
  await withNetworks(async (base) => {
    const controller = new AbortController();
    const onProgress = ({ stage, position, step }: ProgressEvent) => {
      const at = when.position === undefined || position === when.position;
      if (stage === when.stage && at && step !== undefined) controller.abort();
    };
    const options = { ...base, ...change, steps: { look: 0, first: 3, next: 3 }, onProgress };
    const error = await collect({ ...options, signal: controller.signal }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'aborted', cause: controller.signal.reason });
    expect(error.hint).toEqual(hint && expect.stringMatching(hint));
  });
});

it('an abort of a run that goes on after frames says so while the driver is tracked again', async () => {
  await withNetworks(async (base) => {
    const tracking = { align: 'none', minScore: 0 } as const;
    const options = { ...base, driver: untracked(0), tracking, steps: { look: 0, first: 1, next: 1 } };
    const frames = await collect(options);
    for (const [resume, hint] of [
      [[], undefined],
      [frames.slice(0, 1), expect.stringMatching(/as resume/)],
    ] as const) {
      const controller = new AbortController();
      const onProgress = ({ stage }: ProgressEvent) => void (stage === 'track' && controller.abort());
      const run = collect({ ...options, resume, onProgress, signal: controller.signal });
      await expect(run).rejects.toMatchObject({ code: 'aborted', step: undefined, hint });
    }
  });
});

it('an abort of what cannot be resumed has no hint', async () => {
  await withNetworks(async ({ generator, landmarkNet }) => {
    const signal = AbortSignal.abort();
    const latent = { numWs: 4, wDim: 6, data: new Float32Array(24) };
    const calls = [
      () => latentStatistics(generator, { samples: 300, signal }),
      () => render([latent], generator, { signal }).next(),
      () => trackClip(untracked(0), { landmarkNet, signal }),
      () => openProjector({ generator, signal }),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({ code: 'aborted', hint: undefined });
  });
});
