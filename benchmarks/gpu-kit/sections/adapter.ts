import { execFileSync } from 'node:child_process';
import type { Webgpu } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { openWebgpu } from '../open-webgpu';
import type { Section } from '../section';

interface GpuDevice {
  readonly features: Iterable<string>;
  readonly limits: Record<string, number>;
}

/** Limits that decide what fits. */
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
];

export const adapter: Section = {
  description: 'the adapter, its driver and what it offers',
  seconds: 40,
  async run({ device, report }) {
    report({ fact: 'driver', value: driver() });
    await using backend = await openWebgpu({ device, matrixUnits: true });
    const gpu = (tf.backend() as unknown as { device: GpuDevice }).device;
    const adapter = await (navigator as unknown as { gpu: Webgpu }).gpu.requestAdapter();
    const {
      vendor,
      architecture,
      device: card,
      description,
      subgroupMinSize,
      subgroupMaxSize,
      subgroupMatrixConfigs,
    } = adapter!.info!;
    // Their members are getters.
    const matrices = [...(subgroupMatrixConfigs ?? [])].map(
      ({ componentType, resultComponentType, M, N, K }) =>
        `${componentType} to ${resultComponentType} ${M} x ${N} x ${K}`,
    );
    report({ fact: 'adapter', value: backend.description });
    report({ fact: 'info', value: [vendor, architecture, card, description].filter(Boolean).join(', ') });
    report({ fact: 'features', value: [...gpu.features].join(' ') });
    report({ fact: 'subgroups', value: `${subgroupMinSize} to ${subgroupMaxSize}` });
    report({ fact: 'matrices', value: matrices.join(', ') || 'none' });
    for (const name of limits) report({ fact: name, value: gpu.limits[name] });
  },
};

/** The GPU and its driver as NVIDIA's tool tells them. */
function driver(): string {
  try {
    const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
    return execFileSync('nvidia-smi', query, { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown: there is no nvidia-smi';
  }
}
