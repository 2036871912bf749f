import { type Command, Option } from 'commander';
import type { DoctorOptions } from '../doctor/doctor';
import { shared } from '../flags/shared';
import { refuseUseless, uselessForBackend } from '../flags/useless-flags';

/** Adds `faceanim doctor`. */
export function addDoctor(program: Command, signal: AbortSignal): void {
  program
    .command('doctor')
    .description('show which tensor backends work here, how fast they are, and how to get the others')
    .addOption(shared.backend())
    .addOption(shared.allowSoftware())
    .option('--bench', 'measure each backend thoroughly, and write a report to paste into an issue')
    .option('--json', 'print the findings as JSON')
    .addOption(new Option('--here', 'test in this process').hideHelp())
    .addOption(new Option('--matrix-units', 'test only the matrix units of webgpu').hideHelp())
    .action(async (options: DoctorOptions) => {
      refuseUseless(uselessForBackend, options);
      const { doctorCommand } = await import('../doctor/doctor');
      await doctorCommand(options, signal);
    });
}
