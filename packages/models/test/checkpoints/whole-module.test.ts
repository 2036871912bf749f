import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxRelative } from '../../../tensor/test/support/compare';
import { openCheckpoint } from '../../src/checkpoints';
import { loadGenerator } from '../../src/generators/load-generator';
import { createStyleGan2, type StyleGan2 } from '../../src/generators/stylegan2/stylegan2';
import { describeCheckpoint } from '../../src/networks/describe-checkpoint';
import { smallStyleGan2 } from '../support/small-stylegan2';
import { pickled, pickledDict, pickledTensors, torchFile } from '../support/torch-file';
import { refusal } from './support';
import '../../../tensor/test/support/backends';

const config = { z_dim: 12, img_resolution: 16, synthesis_kwargs: { conv_clamp: 0.5 } };
const { dict, text, call, global } = pickled;

/** A module of NVIDIA's repositories as `torch_utils.persistence` pickles it. */
function persistentModule(tensor: Parameters<Parameters<typeof torchFile>[0]>[0]): string {
  const state = dict([
    ['_init_kwargs', pickledDict(config)],
    ['_parameters', pickledTensors(smallStyleGan2(), tensor)],
    ['_buffers', dict([])],
    ['_modules', dict([])],
  ]);
  const meta = dict([
    ['type', text('class')],
    ['class_name', text('Generator')],
    ['state', state],
  ]);
  return call(global('torch_utils.persistence', '_reconstruct_persistent_obj'), [meta]);
}

/** What scripts save: the module itself, in a dict, in DataParallel. */
const files: Record<string, { name: string; file: () => Promise<Uint8Array> }> = {
  'torch.save(G)': { name: '', file: () => torchFile(persistentModule) },
  'torch.save({G_ema})': {
    name: 'G_ema',
    file: () => torchFile((tensor) => dict([['G_ema', persistentModule(tensor)]])),
  },
  'torch.save({state_dict: {module: G}})': {
    name: '',
    file: () => torchFile((tensor) => dict([['state_dict', dict([['module', persistentModule(tensor)]])]])),
  },
};

it.each(Object.entries(files))('%s keeps the configuration', async (_, { name, file }) => {
  await tf.setBackend('wasm');
  const bytes = await file();
  await using checkpoint = await openCheckpoint(bytes);
  expect(checkpoint.networks).toEqual({ [name]: { className: 'Generator', config } });
  expect(describeCheckpoint(checkpoint).networks).toMatchObject([
    { network: 'a StyleGAN2 generator', preferred: true, config },
  ]);

  using generator = (await loadGenerator(bytes)) as StyleGan2;
  expect(generator.config.convClamp).toBe(0.5);
  using expected = createStyleGan2(smallStyleGan2(), { config });
  using unclamped = createStyleGan2(smallStyleGan2());
  const ws = tf.fill([1, generator.numWs, generator.wDim], 0.3) as tf.Tensor3D;
  const [image, same, other] = [generator, expected, unclamped].map((g) => g.synthesis(ws));
  expect(await maxRelative(image!, same!)).toBe(0);
  expect(await maxRelative(image!, other!)).toBeGreaterThan(0.1);
  tf.dispose([ws, image!, same!, other!]);
});

it.each<[string, string]>([
  ['dnnlib.tflib.network', call(global('dnnlib.tflib.network', 'Network'), [])],
  [
    'copyreg._reconstructor',
    call(global('copyreg', '_reconstructor'), [
      global('dnnlib.tflib.network', 'Network'),
      global('builtins', 'object'),
      pickled.none,
    ]),
  ],
  ['tfutil of Progressive GAN', call(global('tfutil', 'Network'), [])],
])('TensorFlow’s (G, D, Gs), %s: the error says how to convert it', async (_, network) => {
  const file = pickled.file(pickled.tuple([network, network, network]));
  const error = await refusal(loadGenerator(file));
  expect(error.code).toBe('weights-mismatch');
  expect(error.message).toContain('TensorFlow');
  expect(error.hint).toContain('legacy.py --source');
});
