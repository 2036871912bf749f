import { didYouMean } from '@faceanim/tensor/options';
import { Command, CommanderError, Help, type Option } from 'commander';
import { addAnimate } from './commands/animate';
import { addDemo } from './commands/demo';
import { addDoctor } from './commands/doctor';
import { addFitEncoder } from './commands/fit-encoder';
import { addHelp } from './commands/help';
import { addImport } from './commands/import';
import { addInspect } from './commands/inspect';
import { addJobs } from './commands/jobs';
import { addLook } from './commands/look';
import { addRender } from './commands/render';
import { addSubmit } from './commands/submit';
import { addTargets } from './commands/targets';
import { addWorker } from './commands/worker';
import { exitCodes, explain } from './terminal/exit';
import { version } from './version';

/** Runs one command line and returns its exit code. */
export async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await createProgram(argv, signal).parseAsync([...argv], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // Commander has already printed its message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { code, text } = explain(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}

/** All commands and their flags; whoever parses a command line with it runs the command. */
export function createProgram(argv: readonly string[], signal: AbortSignal): Command {
  const program = new Command('faceanim')
    .description('Animates a face by latent optimisation: no training, and everything runs on this machine.')
    .version(version)
    .exitOverride()
    .configureHelp({ optionDescription: markRequired })
    .showHelpAfterError('(faceanim --help lists the commands)')
    .addHelpText('after', firstCalls);
  // These files hold the flags. What a command does is imported when it runs, so that the help is quick.
  addAnimate(program, argv, signal);
  addTargets(program, signal);
  addRender(program, signal);
  addLook(program, signal);
  addDemo(program, argv, signal);
  addInspect(program, signal);
  addImport(program, signal);
  addFitEncoder(program, signal);
  addDoctor(program, signal);
  addWorker(program, signal);
  addSubmit(program, signal);
  addJobs(program, signal);
  addHelp(program);
  for (const command of program.commands) {
    command.showHelpAfterError(`(faceanim ${command.name()} --help lists the flags)`);
    command.configureOutput({
      outputError: (text, write) =>
        write(valueNotTaken(command, text) ?? misspelt(command, argv, text) ?? text),
    });
  }
  return program;
}

const firstCalls = `
To begin with:
  faceanim demo
  faceanim look --seed 7 --out look.png
  faceanim animate --look look.png --driver clip.mp4 --out out.mp4`;

/** Commander calls a flag unknown if it is given a value that it does not take. */
function valueNotTaken({ options }: Command, text: string): string | undefined {
  const flag = /unknown option '(--[^=']+)=/.exec(text)?.[1];
  return options.some(({ long }) => long === flag) ? `error: option '${flag}' takes no value\n` : undefined;
}

/** Commander misses a required flag before it looks for unknown ones: its name may be misspelt. */
function misspelt(command: Command, argv: readonly string[], text: string): string | undefined {
  if (!text.startsWith('error: required option ')) return undefined;
  const unknown = command.parseOptions(argv.slice(1)).unknown[0]?.replace(/=.*/, '');
  if (!unknown) return undefined;
  const flags = command.options.map(({ long }) => long!);
  const meant = didYouMean(unknown, flags);
  return `error: unknown option '${unknown}'\n${meant ? `(Did you mean ${meant}?)\n` : ''}`;
}

/** Says which flags are required: commander lists them with the others. */
function markRequired(this: Help, option: Option): string {
  const description = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `required: ${description}` : description;
}
