import type { Command } from 'commander';
import { finiteNumber, wholeNumber } from '../flags/parse';
import { sharedOptions } from '../flags/shared';
import { refuseUseless, uselessInterpolation } from '../flags/useless-flags';

/** Adds `faceanim render`. */
export function addRender(program: Command, signal: AbortSignal): void {
  program
    .command('render')
    .description('render latents of an earlier run or of another projector, without optimising')
    .argument('<latents>', 'latents.safetensors of a run, or its folder; projected_w.npz, .npy, .pt')
    .requiredOption('--out <path>', 'as for animate')
    .option('--generator <file>', 'checkpoint that the latents are of (bundled pack)')
    .option('--subframes <n>', 'output frames per latent (2)', wholeNumber('--subframes'))
    .addOption(sharedOptions.interpolation)
    .option('--fps <n>', 'output frame rate; default keeps the speed of the run', finiteNumber('--fps'))
    .addOption(sharedOptions.overwrite)
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.quiet)
    .action(async (latents: string, options) => {
      refuseUseless([uselessInterpolation], options);
      const { renderCommand } = await import('../render/render');
      await renderCommand(latents, options, { quiet: options.quiet, signal });
    });
}
