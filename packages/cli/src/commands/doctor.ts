import { type Command, Option } from 'commander';
import type { DoctorOptions } from '../doctor/doctor';
import { sharedOptions } from '../flags/shared';
import { refuseUseless, uselessSoftware } from '../flags/useless-flags';

/** Adds `faceanim doctor`. */
export function addDoctor(program: Command, signal: AbortSignal): void {
  program
    .command('doctor')
    .description('which tensor backends come up here, why others do not, and how fast each is')
    .addOption(sharedOptions.backend)
    .addOption(sharedOptions.allowSoftware)
    .option('--json', 'print the findings as JSON')
    .addOption(new Option('--here', 'in this process').hideHelp())
    .action(async (options: DoctorOptions) => {
      refuseUseless([uselessSoftware], options);
      const { doctorCommand } = await import('../doctor/doctor');
      await doctorCommand(options, signal);
    });
}
