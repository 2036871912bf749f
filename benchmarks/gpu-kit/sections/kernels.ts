import { originalIteration } from '../../support/original-iteration';
import { type KernelTime, kernelTimes } from '../kernel-times';
import { openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';
import { openNetworks } from './networks';

/** Rows of the table: the kernels that take most of the time. */
const shown = 40;

export const kernels: Section = {
  description: 'GPU time of one step by kernel',
  seconds: 60,
  run: (context) => measureKernels(context, false),
};

export const matrixKernels: Section = {
  description: 'the same with gradients on matrix units',
  seconds: 60,
  run: (context) => measureKernels(context, true),
};

async function measureKernels({ device, small, report }: SectionContext, matrixUnits: boolean) {
  await using _backend = await openWebgpu({ device, matrixUnits, exactTimestamps: true });
  for (const which of ['avatar', 256] as const) {
    using networks = await openNetworks(which, small);
    using iteration = originalIteration(networks);
    const step = () => iteration.step(iteration.inputs);
    // The first run compiles.
    await kernelTimes(step);
    const dispatches = await kernelTimes(step);
    const total = dispatches.reduce((sum, { ms }) => sum + ms, 0);
    report({ networks: which, kernel: 'all', dispatches: dispatches.length, ms: rounded(total) });
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
      report({ networks: which, ...row, ms: rounded(ms), longest: rounded(longest) });
    }
  }
}

const rounded = (ms: number) => Math.round(1000 * ms) / 1000;
