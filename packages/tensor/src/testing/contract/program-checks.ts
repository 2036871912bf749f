import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../../backends/backend';
import { eagerProgram } from '../../programs/eager-program';
import type { StepFunction, StepProgram } from '../../programs/step-program';
import { randomState } from '../../rng';
import { compare, expectEqual, expectTrue } from '../compare';
import type { ContractCheck } from './contract';
import { errorOf, expectCode } from './contract-backends';

/** Runs a program and returns values that were read from it. */
type Use = (program: StepProgram) => Promise<Float32Array[]>;

/**
 * Checks that the programs of a backend do exactly what {@link eagerProgram} does on it, whatever the step does.
 *
 * @param activate activates the backend and returns it
 */
export function programChecks(activate: () => Promise<Backend>): ContractCheck[] {
  const open = async (step: StepFunction, inputs: tf.NamedTensorMap) =>
    openProgram(await activate(), step, inputs);
  /** Runs both kinds of program in the same way and compares their results bit by bit. */
  const expectSame = async (step: () => StepFunction, inputs: tf.NamedTensorMap, use: Use) => {
    const expected = await withProgram(eagerProgram(step(), inputs), use);
    const got = await withProgram(await open(step(), inputs), use);
    for (const [i, values] of expected.entries()) compare(got[i]!, values, 0, `reading ${i}`);
  };
  const checks: ContractCheck[] = [
    {
      name: 'a program computes the same as operation by operation',
      run: () =>
        withNet(async ({ step, inputs }) => {
          let calls = 0;
          const counted: StepFunction = (values) => {
            calls++;
            return step(values);
          };
          const use: Use = async (program) => {
            calls = 0;
            const readings: Float32Array[] = [];
            for (let i = 0; i < 5; i++) {
              program.write('rate', Float32Array.of(0.1 / (i + 1)));
              program.run();
              readings.push(await program.read('loss'));
            }
            return [...readings, await program.read('u'), await program.read('mean')];
          };
          await expectSame(() => counted, inputs, use);
          // Once to record it, or twice to verify that it repeats itself.
          if ((await activate()).program)
            expectTrue(calls <= 2, `the step itself runs at most twice, not ${calls} times of 5`);
        }),
    },
    {
      name: 'a program accepts new inputs between two runs',
      run: () =>
        withNet(({ step, inputs }) =>
          expectSame(
            () => step,
            inputs,
            async (program) => {
              program.run();
              program.write('u', normal(inputs.u!.size, 11));
              program.run();
              const target = tf.tidy(() => tf.mul(tf.ones(inputs.target!.shape), tf.scalar(0.3)));
              program.write('target', target);
              target.dispose();
              const before = await program.read('target');
              program.run();
              return [before, await program.read('loss'), await program.read('u')];
            },
          ),
        ),
    },
    {
      name: 'a program refuses an input of another shape',
      async run() {
        const inputs = { x: tf.tensor2d([1, 2], [1, 2]) };
        const [transposed, longer] = [tf.tensor2d([1, 2], [2, 1]), Float32Array.of(1, 2, 3)];
        try {
          await withProgram(await open(({ x }) => ({ y: tf.add(x!, 1) }), inputs), async (program) => {
            for (const wrong of [transposed, longer])
              expectCode(await errorOf(async () => program.write('x', wrong)), 'invalid-option');
            program.run();
            const y = await program.read('y');
            compare(y, [2, 3], 0, 'the result after refused inputs');
            return [y];
          });
        } finally {
          tf.dispose([inputs, transposed]);
        }
      },
    },
    {
      name: 'programs and other work do not disturb each other',
      run: () =>
        withNet(async ({ step, inputs }) => {
          // More operations than are submitted at once.
          const shrink: StepFunction = ({ x }) => {
            let y = x!;
            for (let i = 0; i < 300; i++) y = tf.tanh(y);
            return { x: y };
          };
          const start = { x: tf.tensor1d(normal(2000, 13)) };
          const runAll = async (net: StepProgram, other: StepProgram) => {
            const readings: Float32Array[] = [];
            for (let i = 0; i < 4; i++) {
              net.run();
              const reading = net.read('loss');
              if (i % 2 === 0) other.run();
              const between = tf.tidy(() => tf.sum(step(inputs).u!));
              readings.push(await reading, await other.read('x'), (await between.data()) as Float32Array);
              between.dispose();
            }
            return [...readings, await net.read('u')];
          };
          const expected = await withProgram(eagerProgram(step, inputs), (net) =>
            withProgram(eagerProgram(shrink, start), (other) => runAll(net, other)),
          );
          const got = await withProgram(await open(step, inputs), async (net) =>
            withProgram(await open(shrink, start), (other) => runAll(net, other)),
          );
          tf.dispose(start);
          for (const [i, values] of expected.entries()) compare(got[i]!, values, 0, `reading ${i}`);
        }),
    },
    {
      name: 'a program returns inputs as outputs',
      run: () =>
        withTensors({ a: tf.tensor1d(normal(6, 1)), b: tf.tensor1d(normal(6, 2)) }, (inputs) =>
          expectSame(
            () =>
              ({ a, b }) => ({ a: b!, b: a!, was: a!, sum: tf.add(a!, b!) }),
            inputs,
            async (program) => {
              for (let i = 0; i < 3; i++) program.run();
              return Promise.all(['a', 'b', 'was', 'sum'].map((name) => program.read(name)));
            },
          ),
        ),
    },
    {
      name: 'a program whose step reads tensors back',
      run: () =>
        withTensors({ x: tf.tensor1d(normal(5, 3)), y: tf.tensor1d(normal(5, 4)) }, async (inputs) => {
          let reading: Promise<ArrayLike<number>> | undefined;
          const step: StepFunction = ({ x, y }) => {
            reading = y!.data();
            return { x: tf.mul(x!, y!) };
          };
          await expectSame(
            () => step,
            inputs,
            async (program) => {
              const readings: Float32Array[] = [];
              for (let i = 0; i < 4; i++) {
                program.write('y', normal(5, 20 + i));
                reading = undefined;
                program.run();
                readings.push(Float32Array.from((await reading) ?? []), await program.read('x'));
              }
              return readings;
            },
          );
        }),
    },
    {
      name: 'a program whose step computes on the CPU',
      run: () =>
        withTensors({ x: tf.tensor1d(normal(4, 4)) }, async (inputs) => {
          // tfjs-node does not have this kernel.
          if (!tf.getKernel(tf.SparseSegmentSum, tf.getBackend())) return;
          const rows = tf.tensor1d([0, 1], 'int32');
          const step = () => {
            let run = 0;
            return ({ x }: tf.NamedTensorMap) => {
              // Backends compute this sum on the CPU. Every other run groups the rows differently.
              const sums = tf.tensor1d(run++ % 2 === 0 ? [0, 0] : [0, 1], 'int32');
              const table = tf.tensor2d([1, 2, 3, 4], [2, 2]);
              return { x: tf.add(x!, tf.sum(tf.square(tf.sparse.sparseSegmentSum(table, rows, sums)))) };
            };
          };
          await expectSame(step, inputs, async (program) => {
            const readings: Float32Array[] = [];
            for (let i = 0; i < 4; i++) {
              program.run();
              readings.push(await program.read('x'));
            }
            return readings;
          });
          rows.dispose();
        }),
    },
    {
      name: 'a program whose step keeps tensors',
      run: () =>
        withTensors({ x: tf.tensor1d(normal(4, 5)) }, async (inputs) => {
          let kept: tf.Tensor | undefined;
          const step = () => {
            kept?.dispose();
            kept = undefined;
            return ({ x }: tf.NamedTensorMap) => {
              const before = kept;
              kept = tf.keep(tf.mul(x!, x!));
              const y = before ? tf.sub(kept, before) : tf.clone(kept);
              before?.dispose();
              return { y, x: tf.add(x!, tf.scalar(0.5)) };
            };
          };
          await expectSame(step, inputs, async (program) => {
            const readings: Float32Array[] = [];
            for (let i = 0; i < 5; i++) {
              program.run();
              readings.push(await program.read('y'));
            }
            return readings;
          });
          kept?.dispose();
        }),
    },
    {
      name: 'a program whose step fills a cache in its first run',
      run: () =>
        withTensors({ x: tf.tensor1d(normal(4, 6)), c: tf.tensor1d(normal(4, 7)) }, async (inputs) => {
          let cache: tf.Tensor | undefined;
          const step = () => {
            cache?.dispose();
            cache = undefined;
            return ({ x }: tf.NamedTensorMap) => {
              cache ??= tf.keep(tf.square(inputs.c!));
              return { x: tf.add(x!, cache) };
            };
          };
          await expectSame(step, inputs, async (program) => {
            for (let i = 0; i < 4; i++) program.run();
            return [await program.read('x')];
          });
          cache?.dispose();
        }),
    },
    {
      name: 'a program whose constants are replaced',
      run: () =>
        withTensors({ x: tf.tensor1d(normal(4, 8)) }, async (inputs) => {
          let constant = tf.tensor1d(normal(4, 30));
          const replace = (seed: number) => {
            const before = constant;
            constant = tf.tensor1d(normal(4, seed));
            before.dispose();
          };
          const step: StepFunction = ({ x }) => ({ x: tf.add(x!, tf.mul(constant, constant)) });
          await expectSame(
            () => step,
            inputs,
            async (program) => {
              for (let i = 0; i < 4; i++) {
                replace(30 + Math.floor(i / 2));
                program.run();
              }
              return [await program.read('x')];
            },
          );
          constant.dispose();
        }),
    },
    {
      name: 'programs leak nothing and do not grow',
      run: () =>
        withNet(async ({ step, inputs }) => {
          const backend = await activate();
          const memory = () => [tf.memory().numTensors, gpuBytes(backend)].join(' tensors, GPU bytes ');
          const use: Use = async (program) => {
            for (let i = 0; i < 2; i++) program.run();
            const loss = await program.read('loss');
            const running = memory();
            for (let i = 0; i < 5; i++) {
              program.write('rate', Float32Array.of(i));
              program.run();
              await program.read('loss');
            }
            expectEqual(memory(), running, 'memory after more runs');
            return [loss];
          };
          // The first run uploads the tensors that the step closes over.
          await withProgram(await open(step, inputs), use);
          const before = memory();
          for (let i = 0; i < 2; i++) await withProgram(await open(step, inputs), use);
          expectEqual(memory(), before, 'memory after disposal');
        }),
    },
  ];
  return checks.map(({ name, run }) => ({
    name,
    async run() {
      await activate();
      await run();
    },
  }));
}

/** Loses the device between two runs of a program, then reads the result of the second. */
export async function readAfterLoss(activate: () => Promise<Backend>, loseDevice: () => void): Promise<void> {
  const backend = await activate();
  await withTensors({ x: tf.tensor1d(normal(2000, 9)) }, async (inputs) => {
    using program = openProgram(backend, ({ x }) => ({ x: tf.add(x!, x!) }), inputs);
    program.run();
    await program.read('x');
    loseDevice();
    program.run();
    await program.read('x');
  });
}

function openProgram(backend: Backend, step: StepFunction, inputs: tf.NamedTensorMap): StepProgram {
  return backend.program?.(step, inputs) ?? eagerProgram(step, inputs);
}

/** Bytes on the GPU, for a backend with its own programs. */
function gpuBytes(backend: Backend): number | undefined {
  return backend.program && (tf.memory() as { numBytesInGPU?: number }).numBytesInGPU;
}

async function withProgram<T>(program: StepProgram, use: (program: StepProgram) => Promise<T>): Promise<T> {
  using owned = program;
  return await use(owned);
}

async function withTensors(
  tensors: tf.NamedTensorMap,
  use: (tensors: tf.NamedTensorMap) => Promise<void>,
): Promise<void> {
  try {
    await use(tensors);
  } finally {
    tf.dispose(tensors);
  }
}

/** Fits the latent of a small convolutional generator to an image with Adam. */
async function withNet(
  use: (net: { step: StepFunction; inputs: tf.NamedTensorMap }) => Promise<void>,
): Promise<void> {
  const first = tf.tensor4d(normal(3 * 3 * 4 * 8, 21), [3, 3, 4, 8]);
  const second = tf.tensor4d(normal(3 * 3 * 8 * 3, 22), [3, 3, 8, 3]);
  const draw = (u: tf.Tensor) => {
    const x = tf.leakyRelu(tf.conv2d(tf.reshape(u, [1, 8, 8, 4]) as tf.Tensor4D, first, 1, 'same'), 0.2);
    return tf.tanh(tf.conv2d(tf.mul(x, tf.scalar(0.1)) as tf.Tensor4D, second, 1, 'same'));
  };
  const step: StepFunction = ({ u, mean, square, rate, target }) => {
    const loss = (x: tf.Tensor) => tf.mean(tf.squaredDifference(draw(x), target!)) as tf.Scalar;
    const { value, grad } = tf.valueAndGrad(loss)(u!);
    const nextMean = tf.add(tf.mul(mean!, 0.9), tf.mul(grad, 0.1));
    const nextSquare = tf.add(tf.mul(square!, 0.999), tf.mul(tf.square(grad), 0.001));
    const direction = tf.div(nextMean, tf.add(tf.sqrt(nextSquare), 1e-8));
    return {
      loss: value,
      u: tf.sub(u!, tf.mul(direction, rate!)),
      mean: nextMean,
      square: nextSquare,
    };
  };
  const inputs = {
    u: tf.tensor2d(normal(256, 23), [4, 64]),
    mean: tf.zeros([4, 64]),
    square: tf.zeros([4, 64]),
    rate: tf.tensor1d([0.1]),
    target: tf.tensor4d(normal(192, 24), [1, 8, 8, 3]),
  };
  await withTensors({ first, second, ...inputs }, () => use({ step, inputs }));
}

function normal(size: number, seed: number): Float32Array {
  return Float32Array.from(randomState(seed).randn(size));
}
