import { originalIteration } from '../../support/original-iteration';
import { type KernelTime, kernelTimes } from '../kernel-times';
import { type OpenWebgpuOptions, openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';
import { openNetworks } from './networks';

/** Rows of the table: the kernels that take most of the time. */
const shown = 40;

/** Networks, and images of a batch. */
const cases = [
  ['avatar', 1],
  [256, 1],
  [256, 8],
] as const;

export const kernels: Section = {
  description: 'GPU time of one step by kernel',
  seconds: 60,
  run: (context) => measureKernels(context, {}),
};

export const matrixKernels: Section = {
  description: 'the same with gradients on matrix units',
  seconds: 60,
  run: (context) => measureKernels(context, { matrixUnits: true }),
};

export const winogradKernels: Section = {
  description: 'the same with transformed tiles',
  seconds: 60,
  run: (context) => measureKernels(context, { winograd: true }),
};

async function measureKernels(
  { device, small, report }: SectionContext,
  options: Pick<OpenWebgpuOptions, 'matrixUnits' | 'winograd'>,
) {
  await using backend = await openWebgpu({ device, ...options, exactTimestamps: true });
  for (const [which, batch] of cases) {
    using networks = await openNetworks(which, small);
    using iteration = originalIteration(networks, { batch });
    using single = originalIteration(networks);
    using work = backend.program!(single.step, single.inputs);
    const step = () => iteration.step(iteration.inputs);
    // The first run compiles.
    await kernelTimes(step);
    // The host encodes an eager step more slowly than a GPU computes it, and an idle GPU lowers its clock rate. So there is other
    // work to compute meanwhile.
    for (let i = 0; i < (device === 'gpu' ? 30 : 0); i++) work.run();
    const dispatches = await kernelTimes(step);
    const total = dispatches.reduce((sum, { ms }) => sum + ms, 0);
    report({ networks: which, batch, kernel: 'all', dispatches: dispatches.length, ms: rounded(total) });
    const byName: Record<string, KernelTime[]> = {};
    for (const dispatch of dispatches) (byName[dispatch.kernel] ??= []).push(dispatch);
    const rows = Object.entries(byName).map(([kernel, times]) => ({
      kernel,
      dispatches: times.length,
      ms: times.reduce((sum, { ms }) => sum + ms, 0),
      longest: Math.max(...times.map(({ ms }) => ms)),
    }));
    rows.sort((a, b) => b.ms - a.ms);
    for (const { ms, longest, ...row } of rows.slice(0, shown)) {
      report({ networks: which, batch, ...row, ms: rounded(ms), longest: rounded(longest) });
    }
  }
}

const rounded = (ms: number) => Math.round(1000 * ms) / 1000;
