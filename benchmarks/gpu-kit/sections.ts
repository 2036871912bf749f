import type { Section } from './section';
import { adapter } from './sections/adapter';
import { contract, leaks } from './sections/contract';
import { conv } from './sections/conv';
import { kernels, matrixKernels } from './sections/kernels';
import { live } from './sections/live';
import { matrixUnits } from './sections/matrix-units';
import { networksSection } from './sections/networks';
import { sequence } from './sections/sequence';
import { matrixThresholds, thresholds } from './sections/thresholds';
import { torch } from './sections/torch';

/** All sections by name, in the order in which they run: what matters most comes first. */
export const sections: Readonly<Record<string, Section>> = {
  adapter,
  live,
  contract,
  networks: networksSection('a step of the pack and of config-f, LPIPS-VGG16 and 2DFAN4', {}, [
    { networks: 'avatar', how: 'replay' },
    { networks: 256, how: 'replay' },
    { networks: 256, how: 'replay', batch: 8 },
    { networks: 1024, how: 'replay' },
    { networks: 1024, how: 'replay', resolution: 256 },
  ]),
  'networks-matrix': networksSection('the same with gradients on matrix units', { matrixUnits: true }, [
    { networks: 'avatar', how: 'replay' },
    { networks: 256, how: 'replay' },
    { networks: 256, how: 'replay', batch: 8 },
    { networks: 1024, how: 'replay' },
    { networks: 1024, how: 'replay', resolution: 256 },
  ]),
  'networks-unchecked': networksSection('the same in f32, without checks of indices', { unchecked: true }, [
    { networks: 'avatar', how: 'replay' },
    { networks: 256, how: 'replay' },
  ]),
  'matrix-units': matrixUnits,
  kernels,
  'kernels-matrix': matrixKernels,
  sequence,
  torch,
  conv,
  thresholds,
  'thresholds-matrix': matrixThresholds,
  leaks,
  'networks-eager': networksSection('the same, operation by operation', {}, [
    { networks: 'avatar', how: 'eager' },
    { networks: 256, how: 'eager' },
  ]),
  'networks-plain': networksSection("the same with tfjs' own kernels", { fusedKernels: false }, [
    { networks: 256, how: 'eager' },
    { networks: 256, how: 'replay' },
  ]),
};
