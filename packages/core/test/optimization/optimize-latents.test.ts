import { type Backend, eagerProgram, FaceanimError, randomState, type StepFunction } from '@faceanim/tensor';
import { countLeaks } from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { type LatentSpaceName, latentSpace } from '../../src/latents/latent-space';
import { mapLatents } from '../../src/latents/map-latents';
import { latentStatistics } from '../../src/latents/statistics';
import { fidelity, pixel, smooth } from '../../src/losses';
import type { LossTerm, StepContext } from '../../src/losses/loss-term';
import { createObjective, type ObjectiveOptions } from '../../src/optimization/objective';
import { type OptimizeLatentsOptions, optimizeLatents } from '../../src/optimization/optimize-latents';
import { stepPrograms } from '../../src/optimization/step-programs';
import { adam } from '../../src/optimizers/adam';
import { quasiNewton } from '../../src/optimizers/quasi-newton';
import { tinyDriver, tinyGenerator } from '../../src/testing';
import { startState, stepLatent } from '../support/single-step';

/** Adam as in the paper, with a rate that rises and falls. */
const optimizer = adam({ learningRate: { rate: 0.1 }, beta2: 0.999 });

/** The same with latent noise. */
const noisy = adam({ learningRate: { rate: 0.1 }, beta2: 0.999, latentNoise: { factor: 0.5 } });

/** The result for one frame. */
const optimizeLatent = async (options: OptimizeLatentsOptions) => (await optimizeLatents(options))[0]!;

eachBackend(() => {
  it('latent statistics describe the samples', async () => {
    using generator = tinyGenerator();
    const statistics = await latentStatistics(generator, { samples: 1500, seed: 5 });
    const z = Float32Array.from(randomState(5).randn(1500 * generator.zDim));
    const ws = tf.tidy(() => generator.mapping(tf.tensor2d(z, [1500, generator.zDim])));
    const values = await ws.data();
    ws.dispose();
    const row = (n: number, i: number) => values[n * generator.numWs * generator.wDim + i]!;
    const mean = (f: (n: number) => number) =>
      Array.from({ length: 1500 }, (_, n) => f(n)).reduce((a, b) => a + b) / 1500;
    const m0 = mean((n) => row(n, 0));
    const m1 = mean((n) => row(n, 1));
    expect(statistics.mean[0]).toBeCloseTo(m0, 4);
    expect(statistics.covariance[1]).toBeCloseTo(
      mean((n) => (row(n, 0) - m0) * (row(n, 1) - m1)),
      3,
    );
    let variance = 0;
    for (let i = 0; i < generator.wDim; i++) {
      const mi = mean((n) => row(n, i));
      variance += mean((n) => (row(n, i) - mi) ** 2);
    }
    expect(statistics.std).toBeCloseTo(Math.sqrt(variance), 3);
  });

  it('whitened coordinates of random latents are standard normal, and survive a round trip', async () => {
    using generator = tinyGenerator();
    const statistics = await latentStatistics(generator, { samples: 2000 });
    using space = latentSpace('whitened-w', statistics, generator.numWs);
    const sum = new Float64Array(space.shape[1]);
    const n = 2000;
    const ws = tf.tidy(() =>
      generator.mapping(
        tf.tensor2d(Float32Array.from(randomState(123).randn(n * generator.zDim)), [n, generator.zDim]),
      ),
    );
    const values = (await ws.data()) as Float32Array;
    ws.dispose();
    const size = generator.numWs * generator.wDim;
    for (let k = 0; k < n; k++) {
      const u = space.fromWs(values.slice(k * size, (k + 1) * size));
      u.forEach((x, i) => {
        sum[i]! += (x * x) / n;
      });
      if (k === 0) {
        const back = tf.tidy(() => space.toWs(tf.tensor3d(u, [1, ...space.shape])));
        const there = await back.data();
        back.dispose();
        for (let i = 0; i < size; i++) expect(there[i]).toBeCloseTo(values[i]!, 4);
      }
    }
    for (const variance of sum) expect(variance).toBeCloseTo(1, 2);
  });

  /** Calls `run` with the options of a run, with those of its objective as `setup`. */
  async function setup(
    name: LatentSpaceName,
    run: (options: OptimizeLatentsOptions & { setup: ObjectiveOptions }) => Promise<void>,
  ) {
    using generator = tinyGenerator();
    const statistics = await latentStatistics(generator, { samples: 300 });
    using space = latentSpace(name, statistics, generator.numWs);
    const mean = tf.tensor3d(statistics.mean, [1, 1, generator.wDim]);
    // A look that the generator can draw: the image of some other latent.
    const look = tf.tidy(() => {
      const z = tf.tensor2d(Float32Array.from(randomState(9).randn(generator.zDim)), [1, generator.zDim]);
      return generator.synthesis(generator.mapping(z));
    });
    const setup: ObjectiveOptions = {
      terms: [pixel(), fidelity({ weight: 1e-4 })],
      generator,
      frame: { index: 0, drivers: tinyDriver(1), look, mean },
      space,
    };
    using objective = createObjective(setup);
    try {
      const random = randomState(0);
      await run({ objective, setup, space, optimizer, random, start: space.origin, steps: 60 });
    } finally {
      tf.dispose([mean, look]);
    }
  }

  it.each(['w', 'w+', 'whitened-w', 'whitened-w+'] as const)('finds a look in %s', async (name) => {
    await setup(name, async (options) => {
      const seen: number[] = [];
      const result = await optimizeLatent({ ...options, onStep: ({ step }) => seen.push(step) });
      expect(result.history[0]!.total).toBeGreaterThan(0.05);
      expect(result.losses.total).toBeLessThan(0.25 * result.history[0]!.total);
      expect(result.losses.total).toBeCloseTo(result.losses.pixel! + 1e-4 * result.losses.fidelity!, 6);
      expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => i));
      expect(result.stopReason).toBe('steps');
    });
  });

  it('repeats itself for a seed, also with latent noise', async () => {
    await setup('whitened-w', async (options) => {
      const run = (seed: number) =>
        optimizeLatent({ ...options, optimizer: noisy, steps: 10, random: randomState(seed) });
      const [a, b, c] = [await run(1), await run(1), await run(2)];
      expect(a.coordinates).toEqual(b.coordinates);
      expect(a.coordinates).not.toEqual(c.coordinates);
    });
  });

  it('a step that fails leaves no picture behind', async () => {
    await setup('w+', async (options) => {
      const fail = () => {
        throw new Error('broken');
      };
      const all = { ...options, optimizer: { ...optimizer, step: fail }, outputs: () => ({}) };
      const { tensors } = startState(all);
      const before = tf.memory().numTensors;
      expect(() => stepLatent({ step: 0, tensors }, all)).toThrow('broken');
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose({ ...tensors });
    });
  });

  it('takes the same path step by step', async () => {
    await setup('w+', async (options) => {
      const all = { ...options, optimizer: noisy, steps: 4 };
      const { coordinates, losses } = await optimizeLatent({ ...all, random: randomState(1) });
      const random = randomState(1);
      let state = startState(all);
      let last: ArrayLike<number> = [];
      for (let step = 0; step < 4; step++) {
        const next = stepLatent(state, { ...all, random });
        last = await next.losses.data();
        tf.dispose([state.tensors, next.losses, next.gradient]);
        state = next.state;
      }
      expect(await state.tensors.coordinates!.data()).toEqual(coordinates);
      expect(Array.from(last)).toEqual(Object.values(losses));
      tf.dispose(state.tensors);
    });
  });

  it('computes a term only while it has a weight, and keeps the state of Adam', async () => {
    await setup('w', async (options) => {
      let asked = 0;
      const late = (term: LossTerm): LossTerm => ({
        ...term,
        weight: ({ step }) => (step < 3 ? 0 : 1e-30),
        value: (...args) => {
          asked++;
          return term.value(...args);
        },
      });
      const run = async (terms: LossTerm[]) => {
        using objective = createObjective({ ...options.setup, terms });
        return await optimizeLatent({ ...options, objective, steps: 8 });
      };
      const alone = await run([pixel()]);
      const { coordinates, history, losses } = await run([pixel(), late(fidelity())]);
      expect(asked).toBe(5);
      expect(losses.fidelity).toBeGreaterThan(0);
      expect(coordinates).toEqual(alone.coordinates);
      expect(history).toEqual(alone.history);
    });
  });

  it('refuses a term that does not return one value per frame, and a frame without terms', async () => {
    await setup('w', async (options) => {
      const wide: LossTerm = { ...pixel(), value: ({ image }) => tf.mean(image(), [1, 2]) };
      using objective = createObjective({ ...options.setup, terms: [wide] });
      await expect(optimizeLatent({ ...options, objective })).rejects.toThrow(
        /pixel returned a tensor \[1,3\]/,
      );
      expect(() => createObjective({ ...options.setup, terms: [smooth()] })).toThrow(/No loss term/);
    });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'a scalar',
      ({ image }: StepContext) => tf.mean(image()),
      /pixel returned a tensor \[\] for a batch of 1/,
    ],
    ['a number', () => 1, /The value of the loss term pixel must be a tensor .*, got 1\.$/],
    ['a function', () => () => 1, /loss term pixel must be a tensor .*, got a function: call it/],
  ])('refuses a term that returns %s', async (_, value, message) => {
    await setup('w', async (options) => {
      const term = { ...pixel(), value } as LossTerm;
      using objective = createObjective({ ...options.setup, terms: [term] });
      const { numTensors } = tf.memory();
      await expect(optimizeLatent({ ...options, objective })).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringMatching(message),
      });
      expect(tf.memory().numTensors).toBe(numTensors);
    });
  });

  it('optimises noise maps and keeps them normalised', async () => {
    await setup('w', async (options) => {
      const start = Float32Array.from(randomState(4).randn(256));
      const noise = { 'b16.conv0': { shape: [16, 16], data: start } };
      const result = await optimizeLatent({ ...options, steps: 5, noise, noiseUse: 'train' });
      const after = result.noise['b16.conv0']!;
      expect(after).not.toEqual(start);
      expect(after.reduce((a, b) => a + b, 0) / 256).toBeCloseTo(0, 5);
      expect(after.reduce((a, b) => a + b * b, 0) / 256).toBeCloseTo(1, 4);
    });
  });

  it('stops early without progress', async () => {
    await setup('whitened-w', async (options) => {
      const result = await optimizeLatent({
        ...options,
        steps: 2000,
        earlyStopping: { patience: 20, tolerance: 0.01 },
      });
      expect(result.stopReason).toBe('early-stopping');
      expect(result.steps).toBeLessThan(2000);
    });
  });

  it('early stopping sees progress under a rising weight', async () => {
    await setup('whitened-w', async (options) => {
      const stop = async (weight: (step: number) => number) => {
        using objective = createObjective({
          ...options.setup,
          terms: [pixel({ weight: ({ step }) => weight(step) })],
        });
        const earlyStopping = { patience: 12, tolerance: 0.01, after: 0 };
        return await optimizeLatent({ ...options, objective, steps: 500, earlyStopping });
      };
      const steady = await stop(() => 1);
      const rising = await stop((step) => 1.1 ** step);
      expect([steady.stopReason, rising.stopReason]).toEqual(['early-stopping', 'early-stopping']);
      expect(rising.losses.pixel).toBeLessThan(1.2 * steady.losses.pixel!);
    });
  });

  it('names frame, step and term when it diverges or is aborted', async () => {
    await setup('w', async (options) => {
      const wild = optimizeLatent({
        ...options,
        driverFrames: [3],
        start: options.start.map(() => Number.NaN),
      });
      await expect(wild).rejects.toMatchObject({ code: 'diverged', frame: 3, step: 0 });
      const broken: LossTerm = { ...fidelity(), value: ({ ws }) => tf.mul(tf.sum(ws, [1, 2]), Number.NaN) };
      using objective = createObjective({ ...options.setup, terms: [pixel(), broken] });
      await expect(optimizeLatent({ ...options, objective })).rejects.toThrow(
        'The objective is NaN because of fidelity (frame 0, step 0).',
      );
      const controller = new AbortController();
      const aborted = optimizeLatent({
        ...options,
        driverFrames: [2],
        signal: controller.signal,
        onStep: ({ step }) => step === 4 && controller.abort(),
      });
      await expect(aborted).rejects.toSatisfy((e) => FaceanimError.isInstance(e, 'aborted') && e.step === 5);
    });
  });

  it('a term whose weight starts late has not diverged, but one that grows under a rising weight has', async () => {
    await setup('w', async (options) => {
      const run = async (terms: LossTerm[], rate: number) => {
        using objective = createObjective({ ...options.setup, terms });
        const start = options.start.map((x) => x + 0.1);
        return await optimizeLatent({
          ...{ ...options, objective, start, steps: 12 },
          optimizer: adam({ learningRate: { rate }, beta2: 0.999 }),
        });
      };
      // 0.0001 at first, hundreds later.
      const late = pixel({ weight: ({ progress }) => (progress < 0.5 ? 0 : 1e4) });
      const { history } = await run([late, fidelity({ weight: 1e-4 })], 0.01);
      expect(history.at(-1)!.total / history[0]!.total).toBeGreaterThan(1e5);
      const rising = fidelity({ weight: ({ step }) => 1 + step });
      await expect(run([rising], 1e5)).rejects.toMatchObject({ code: 'diverged', step: 1 });
    });
  });

  it('quasi-Newton keeps its state under weights that change a little at every step', async () => {
    await setup('whitened-w', async (options) => {
      const run = async (weight: (step: number) => number) => {
        const terms = [pixel({ weight: ({ step }) => weight(step) }), fidelity({ weight: 1e-4 })];
        using objective = createObjective({ ...options.setup, terms });
        return await optimizeLatent({ ...options, objective, optimizer: quasiNewton(), steps: 25 });
      };
      const steady = await run(() => 1);
      const moving = await run((step) => 1 + 1e-4 * step);
      expect(steady.losses.pixel).toBeLessThan(1e-3);
      expect(moving.losses.pixel).toBeLessThan(1.5 * steady.losses.pixel!);
      // The total is that of the returned latent, under the weights of the last step.
      const { pixel: p, fidelity: f, total } = moving.losses as Record<string, number>;
      expect(total! / ((1 + 24e-4) * p! + 1e-4 * f!)).toBeCloseTo(1, 4);
      // A weight that rises from nearly nothing, or falls, leads to the same result.
      for (const weight of [(step: number) => (step + 1) / 25, (step: number) => 1.05 ** -step]) {
        expect((await run(weight)).losses.pixel).toBeLessThan(100 * steady.losses.pixel!);
      }
    });
  });

  it('a start without a finite objective has diverged, also with quasi-Newton', async () => {
    await setup('whitened-w', async (options) => {
      const start = options.start.map(() => Number.NaN);
      const wild = optimizeLatent({ ...options, optimizer: quasiNewton(), driverFrames: [3], start });
      await expect(wild).rejects.toMatchObject({ code: 'diverged', frame: 3, step: 0 });
    });
  });

  it('a window coupled by smooth ends with the reported losses, which never rise', async () => {
    await setup('whitened-w', async (options) => {
      const { frame, space, generator } = options.setup;
      const { numWs, wDim } = generator;
      const previous = tf.tensor3d(Float32Array.from(randomState(6).randn(numWs * wDim)), [1, numWs, wDim]);
      using objective = createObjective({
        ...options.setup,
        terms: [pixel(), smooth({ weight: 0.05 })],
        frame: { ...frame, index: 1, previous },
      });
      const size = space.shape[0] * space.shape[1];
      const start = Float32Array.from(randomState(7).randn(3 * size), (x) => 0.5 * x);
      const totals: number[] = [];
      const frames = await optimizeLatents({
        ...options,
        objective,
        start,
        steps: 15,
        optimizer: quasiNewton(),
        onStep: ({ losses }) => totals.push(losses.total!),
      });
      const ends = Float32Array.from(frames.flatMap(({ coordinates }) => [...coordinates]));
      const u = tf.tensor3d(ends, [3, ...space.shape]);
      const weights = tf.tensor2d([[1], [0.05]]);
      const { losses, gradient } = objective.evaluate(u, { weights });
      const values = await losses.data();
      for (const [i, { losses }] of frames.entries())
        expect(values[6 + i]! / losses.total!).toBeCloseTo(1, 4);
      for (const [i, total] of totals.slice(1).entries()) expect(total).toBeLessThanOrEqual(totals[i]!);
      expect(totals.at(-1)).toBeLessThan(0.9 * totals[0]!);
      tf.dispose([previous, u, weights, losses, gradient]);
    });
  });

  it('quasi-Newton is refused if its matrix would be too large, with a hint', async () => {
    await setup('whitened-w', async (options) => {
      const large = { ...options.space, shape: [18, 512] as const };
      const refused = { code: 'invalid-option', message: /340 MB for 9216/, hint: /adam.*whitened-w/ };
      const run = {
        ...options,
        optimizer: quasiNewton(),
        space: large,
        start: new Float32Array(9216),
      } as const;
      await expect(optimizeLatents(run)).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(refused.message),
        hint: expect.stringMatching(refused.hint),
      });
    });
  });
});

it('both whitened spaces share one eigenvalue decomposition', async () => {
  await tf.setBackend('cpu');
  let reads = 0;
  const statistics = {
    wDim: 2,
    mean: new Float32Array(2),
    std: 1,
    get covariance() {
      reads++;
      return Float64Array.of(2, 1, 1, 2);
    },
  };
  using one = latentSpace('whitened-w', statistics, 3);
  using every = latentSpace('whitened-w+', statistics, 3);
  expect(reads).toBe(1);
  const ws = Float32Array.of(1, 2, 1, 2, 1, 2);
  const u = one.fromWs(ws);
  expect(every.fromWs(ws)).toEqual(Float32Array.of(...u, ...u, ...u));
});

it('refuses a whitened space of latents that do not vary, or are no numbers', async () => {
  await tf.setBackend('cpu');
  for (const value of [0, Number.NaN]) {
    const covariance = new Float64Array(9).fill(value);
    const statistics = { wDim: 3, mean: new Float32Array(3), std: value, covariance };
    expect(() => latentSpace('whitened-w', statistics, 2)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('same latent') }),
    );
  }
});

it('mapping random numbers leaves no tensors behind but the latents', async () => {
  await tf.setBackend('cpu');
  using generator = tinyGenerator();
  const before = tf.memory().numTensors;
  for (const cDim of [0, 2]) mapLatents({ ...generator, cDim }, new Float32Array(12)).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('step programs are shared by structure, and the least recently used one is dropped first', async () => {
  await tf.setBackend('cpu');
  const log: string[] = [];
  const backend = {
    program: (step, inputs) => {
      const program = eagerProgram(step, inputs);
      const name = String(log.push('made'));
      const dispose = () => {
        log.push(`${name} closed`);
        program[Symbol.dispose]();
      };
      return { ...program, [Symbol.dispose]: dispose };
    },
  } as Pick<Backend, 'program'> as Backend;
  const leaked = await countLeaks(async () => {
    using programs = stepPrograms(backend, 2);
    const double: StepFunction = ({ x }) => ({ y: tf.mul(x!, 2) });
    const run = async (structure: string, value: number) => {
      const x = tf.scalar(value);
      const program = programs.open(structure, double, { x });
      x.dispose();
      program.run();
      return (await program.read('y'))[0];
    };
    expect(await run('a', 1)).toBe(2);
    expect(await run('b', 2)).toBe(4);
    expect(await run('a', 3)).toBe(6);
    expect(log).toEqual(['made', 'made']);
    expect(await run('c', 4)).toBe(8);
    expect(log).toEqual(['made', 'made', 'made', '2 closed']);
  });
  expect(log.slice(4)).toEqual(['1 closed', '3 closed']);
  expect(leaked).toBe(0);
});
