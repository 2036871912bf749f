import type { Command } from 'commander';
import { flag, wholeNumber } from '../flags/parse';
import { shared } from '../flags/shared';
import { refuseUseless } from '../flags/useless-flags';
import type { RenderOptions } from '../render/render';
import { renderRules } from '../render/useless-flags';
import { addBackendFlags } from './animation-flags';

/** Adds `faceanim render`. */
export function addRender(program: Command, signal: AbortSignal): void {
  const command = program
    .command('render')
    .description('render the latents of an earlier run, or of another projector, without optimising')
    .argument('<latents>', 'run folder, latents.safetensors, projected_w.npz, .npy or .pt')
    .requiredOption('--out <path>', 'as for animate')
    .option('--generator <file>', 'checkpoint that the latents belong to (bundled pack)')
    .addOption(flag('--subframes <n>', 'output frames per latent (2)', wholeNumber()))
    .addOption(shared.interpolation())
    .addOption(shared.fps())
    .option('--driver <path>', "the run's driver, to copy its sound")
    .option('--look <image>', "the run's look, for --paste-back")
    .option('--paste-back', 'show the face in the picture that the look was cropped from')
    .addOption(shared.noAiTag());
  addBackendFlags(command)
    .addOption(shared.overwrite())
    .addOption(shared.quiet())
    .action(async (latents: string, options: RenderOptions) => {
      refuseUseless(renderRules, options);
      const { renderCommand } = await import('../render/render');
      await renderCommand(latents, options, signal);
    });
}
