import type { Section } from './section';
import { adapter } from './sections/adapter';
import { contract, leaks, winogradContract } from './sections/contract';
import { conv, winogradConv } from './sections/conv';
import { matrixUnits, winogradGradients } from './sections/gradients';
import { kernels, matrixKernels, winogradKernels } from './sections/kernels';
import { live } from './sections/live';
import { networksSection } from './sections/networks';
import { sequence } from './sections/sequence';
import { matrixThresholds, thresholds, winogradThresholds } from './sections/thresholds';
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
  'networks-winograd': networksSection('the same in f32, with transformed tiles', { winograd: true }, [
    { networks: 'avatar', how: 'replay' },
    { networks: 256, how: 'replay' },
    { networks: 256, how: 'replay', batch: 8 },
    { networks: 1024, how: 'replay' },
  ]),
  'networks-winograd-matrix': networksSection(
    'a batch with transformed tiles, and other gradients on matrix units',
    { matrixUnits: true, winograd: true },
    [{ networks: 256, how: 'replay', batch: 8 }],
  ),
  'networks-unchecked': networksSection('the same in f32, without checks of indices', { unchecked: true }, [
    { networks: 'avatar', how: 'replay' },
    { networks: 256, how: 'replay' },
  ]),
  'matrix-units': matrixUnits,
  'gradients-winograd': winogradGradients,
  kernels,
  'kernels-matrix': matrixKernels,
  'kernels-winograd': winogradKernels,
  sequence,
  torch,
  conv,
  'conv-winograd': winogradConv,
  thresholds,
  'thresholds-matrix': matrixThresholds,
  'thresholds-winograd': winogradThresholds,
  'contract-winograd': winogradContract,
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
