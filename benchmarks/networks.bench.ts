import { parseArgs } from 'node:util';
import { avatarPack } from '@faceanim/models';
import { eagerProgram, invalidOption, type StepProgram } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { BenchmarkContext } from './run';
import { countWork, gpuMB, measure, peakRssMB, type Timing, tenths, type Work } from './support/measure';
import { measureParts } from './support/measure-parts';
import { openAnyBackend } from './support/open-any-backend';
import { originalIteration } from './support/original-iteration';
import { type OriginalNetworks, originalNetworks, smallSizes } from './support/original-networks';
import { tinyNetworks } from './support/tiny-networks';
import { wholeNumber } from './support/whole-number';

export const description =
  'one iteration and its parts on the avatar pack or on networks of the original sizes [--networks avatar|256|1024|small|tiny] [--fan-modules N] [--synthesis-resolution N] [--backend NAME|webgpu-null] [--allow-software] [--threads N] [--no-fused] [--no-parts] [--batch N] [--iterations N] [--warm-up N]';

export async function run({ args, log }: BenchmarkContext) {
  const options = parseOptions(args);
  const { networks: which, fanModules, batch, resolution, parts, counts } = options;
  await using backend = await openAnyBackend(options);
  log(`${backend.description}: networks ${which}, ${counts.iterations} iterations`);
  using networks = await open(which, fanModules);
  using iteration = originalIteration(networks, { batch, resolution });
  const { step, inputs } = iteration;
  const rows: object[] = [];
  {
    using program = eagerProgram(step, inputs);
    rows.push({ how: 'eager', ...(await measureProgram(program, backend.tfBackend, counts)) });
  }
  if (backend.program) {
    using program = backend.program(step, inputs);
    rows.push({ how: 'program', ...(await measureProgram(program, backend.tfBackend, counts)) });
  }
  return {
    backend: backend.description,
    networks: which,
    synthesisResolution: resolution ?? networks.generator.resolution,
    batch,
    iteration: rows,
    parts: parts ? await measureParts(iteration.parts, counts) : [],
  };
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      networks: { type: 'string', default: 'avatar' },
      'fan-modules': { type: 'string' },
      'synthesis-resolution': { type: 'string' },
      backend: { type: 'string' },
      'allow-software': { type: 'boolean', default: false },
      threads: { type: 'string' },
      'no-fused': { type: 'boolean', default: false },
      'no-parts': { type: 'boolean', default: false },
      batch: { type: 'string', default: '1' },
      iterations: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '2' },
    },
  });
  type Optional = 'fan-modules' | 'synthesis-resolution' | 'threads';
  const whole = (name: 'batch' | 'iterations' | 'warm-up' | Optional, least = 1) =>
    wholeNumber(name, values[name], least);
  const optional = (name: Optional) => (values[name] === undefined ? undefined : whole(name));
  return {
    networks: values.networks,
    fanModules: optional('fan-modules'),
    resolution: optional('synthesis-resolution'),
    name: values.backend,
    allowSoftware: values['allow-software'],
    threads: optional('threads'),
    fusedKernels: !values['no-fused'],
    parts: !values['no-parts'],
    batch: whole('batch'),
    counts: { iterations: whole('iterations'), warmUp: whole('warm-up', 0) },
  };
}

async function open(which: string, fanModules: number | undefined): Promise<OriginalNetworks> {
  if (which === 'avatar') return avatarPack({ fanModules });
  if (which === 'tiny') return tinyNetworks();
  if (which === 'small') return originalNetworks({ ...smallSizes, ...(fanModules && { fanModules }) });
  const resolution = Number(which);
  if (!Number.isInteger(Math.log2(resolution)) || resolution < 8) {
    throw invalidOption('--networks', which, 'avatar, tiny, small, or a resolution: 256 or 1024');
  }
  return originalNetworks({ resolution, fanModules });
}

async function measureProgram(
  program: StepProgram,
  tfBackend: string,
  counts: { iterations: number; warmUp: number },
) {
  program.run();
  const [first] = await program.read('loss');
  const timing = await measure(() => {
    program.run();
    return tf.clone(program.tensor('loss'));
  }, counts);
  const work = countWork(tfBackend, () => program.run());
  const [last] = await program.read('loss');
  return {
    ...milliseconds(timing),
    jsMs: jsMs(tfBackend, timing, work),
    kernels: work.kernels,
    dispatches: work.dispatches || undefined,
    peakRssMB: peakRssMB(),
    gpuMB: gpuMB(),
    firstLoss: first,
    lastLoss: last,
  };
}

/** Time spent in JavaScript, if known: on a GPU, all the time until the call returns. */
function jsMs(tfBackend: string, timing: Timing, { kernels, outsideMs }: Work): number | undefined {
  if (tfBackend === 'webgpu') return tenths(timing.returnMs);
  return kernels > 0 ? tenths(outsideMs) : undefined;
}

const milliseconds = ({ ms, cpuMs }: Timing) => ({ ms: tenths(ms), cpuMs: tenths(cpuMs) });
