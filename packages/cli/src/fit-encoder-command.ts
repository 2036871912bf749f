import type { BackendName } from '@faceanim/tensor';
import type { Command } from 'commander';
import type { NetworkOptions } from './networks';
import { sharedOptions, wholeNumber } from './options';

interface FitEncoderCommandOptions extends Pick<NetworkOptions, 'generator' | 'fan' | 'fanModules'> {
  out: string;
  samples?: number;
  seed?: number;
  overwrite?: boolean;
  backend?: BackendName;
  quiet?: boolean;
}

/** Adds `faceanim fit-encoder`. */
export function addFitEncoder(program: Command, signal: AbortSignal): void {
  program
    .command('fit-encoder')
    .description('fit an encoder to a generator, for animate --encoder: better starts, fewer steps')
    .requiredOption('-o, --out <file>', 'safetensors file to write')
    .option('--generator <file>', 'StyleGAN2 or 3 checkpoint (bundled pack)')
    .option('--fan <file>', 'FAN checkpoint (bundled pack)')
    .option(
      '--fan-modules <n>',
      'run only the first n modules of the landmark network',
      wholeNumber('--fan-modules'),
    )
    .option('--samples <n>', 'random faces to look at (2000)', wholeNumber('--samples'))
    .option('--seed <n>', 'seed of the faces (0)', wholeNumber('--seed', 0))
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.quiet)
    .action(
      async ({
        out,
        overwrite = false,
        samples,
        seed,
        backend: prefer,
        quiet,
        ...files
      }: FitEncoderCommandOptions) => {
        const { openBackend } = await import('@faceanim/backend-node');
        const { writeFileAtomic } = await import('@faceanim/media/files');
        const { fitEncoder } = await import('@faceanim/models');
        const { drawnNetworks, openNetworks } = await import('./networks');
        const { checkInputs, checkOutputs, namedPaths } = await import('./outputs');
        const { createReporter } = await import('./progress');
        const reporter = createReporter({ quiet, main: 'fit' });
        const onProgress = reporter.progress;
        const inputs = namedPaths({ '--generator': files.generator, '--fan': files.fan });
        await checkInputs(inputs);
        await checkOutputs([{ name: '--out', path: out, kind: 'file', replace: overwrite }], inputs);
        const drawn = drawnNetworks(files);
        if (drawn) reporter.warn(drawn);
        try {
          await using backend = await openBackend({ prefer, signal, onProgress });
          reporter.log(`Backend: ${backend.description}`);
          using networks = await openNetworks(files, { signal, onProgress });
          const { generator, landmarkNet } = networks;
          const encoder = await fitEncoder({
            ...{ generator, landmarkNet, samples, seed, signal, onProgress },
            onWarning: (message) => reporter.warn(`warning: ${message}`),
            // Where a batch is no faster, Ctrl-C waits for one face alone.
            batch: backend.capabilities.gpu ? undefined : 1,
          });
          await writeFileAtomic(out, encoder.toSafetensors(), { overwrite });
          process.stdout.write(`${out}\n`);
        } finally {
          reporter.stop();
        }
      },
    );
}
