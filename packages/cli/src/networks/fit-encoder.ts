import { writeFileAtomic } from '@faceanim/media/files';
import { fitEncoder } from '@faceanim/models';
import { checkInputs, namedPaths } from '../files/inputs';
import { checkOutputs } from '../files/outputs';
import { createReporter } from '../terminal/progress';
import { type BackendFlags, openChosenBackend } from './backend';
import { drawnFacesWarning } from './drawn-faces-warning';
import { type NetworkOptions, openNetworks } from './networks';

export interface FitEncoderOptions
  extends BackendFlags,
    Pick<NetworkOptions, 'generator' | 'fan' | 'fanModules'> {
  out: string;
  samples?: number;
  seed?: number;
  overwrite?: boolean;
  quiet?: boolean;
}

/** `faceanim fit-encoder`: fits an encoder to a generator and writes it. */
export async function fitEncoderCommand(
  { out, overwrite = false, samples, seed, quiet, ...files }: FitEncoderOptions,
  signal: AbortSignal,
): Promise<void> {
  const reporter = createReporter({ quiet, main: 'fit' });
  const onProgress = reporter.progress;
  const inputs = namedPaths({ '--generator': files.generator, '--fan': files.fan });
  await checkInputs(inputs);
  await checkOutputs([{ name: '--out', path: out, kind: 'file', replace: overwrite }], inputs);
  try {
    await using backend = await openChosenBackend(files, { signal, onProgress });
    reporter.log(`Backend: ${backend.description}`);
    using networks = await openNetworks(files, { only: ['generator', 'landmarkNet'], signal, onProgress });
    const warning = drawnFacesWarning(files);
    if (warning) reporter.warn(warning);
    const { generator, landmarkNet } = networks;
    const encoder = await fitEncoder({
      ...{ generator, landmarkNet, samples, seed, signal, onProgress },
      onWarning: (message) => reporter.warn(`warning: ${message}`),
      // On a CPU a batch is no faster, and Ctrl-C would wait for all of it.
      batch: backend.capabilities.gpu ? undefined : 1,
    });
    await writeFileAtomic(out, encoder.toSafetensors(), { overwrite });
    process.stdout.write(`${out}\n`);
  } finally {
    reporter.stop();
  }
}
