import { Command, CommanderError, Help, type Option } from 'commander';
import { addAnimate } from './commands/animate';
import { addDemo } from './commands/demo';
import { addDoctor } from './commands/doctor';
import { addFitEncoder } from './commands/fit-encoder';
import { addHelp } from './commands/help';
import { addImport } from './commands/import';
import { addInspect } from './commands/inspect';
import { addLook } from './commands/look';
import { addRender } from './commands/render';
import { exitCodes, explain } from './terminal/exit';
import { version } from './version';

/** Parses and runs one command line; returns the exit code. Nothing is printed but to `stdout` and `stderr`. */
export async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await createProgram(argv, signal).parseAsync([...argv], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { code, text } = explain(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}

function createProgram(argv: readonly string[], signal: AbortSignal): Command {
  const program = new Command('faceanim')
    .description('Animates a face by latent optimisation: nothing is trained, everything runs here.')
    .version(version)
    .exitOverride()
    .configureHelp({ optionDescription: markRequired })
    .showHelpAfterError('(faceanim --help lists the commands)');
  // Commands are loaded when they are called: help and version need no tensors.
  addAnimate(program, argv, signal);
  addRender(program, signal);
  addLook(program, signal);
  addDemo(program, argv, signal);
  addInspect(program, signal);
  addImport(program, signal);
  addFitEncoder(program, signal);
  addDoctor(program, signal);
  addHelp(program);
  for (const command of program.commands) {
    command.showHelpAfterError(`(faceanim ${command.name()} --help lists the flags)`);
  }
  return program;
}

/** The help says which options are required: commander leaves them all under "Options". */
function markRequired(this: Help, option: Option): string {
  const description = Help.prototype.optionDescription.call(this, option);
  return option.mandatory ? `required: ${description}` : description;
}
