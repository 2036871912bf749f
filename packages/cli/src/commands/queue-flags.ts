import { type Command, Option } from 'commander';

/** Adds the flags that say where jobs are; variables of the environment take their place. */
export function addQueueFlags(command: Command): Command {
  return command
    .optionsGroup('Queue:')
    .addOption(new Option('--redis <url>', 'address of Redis').env('FACEANIM_REDIS').makeOptionMandatory())
    .addOption(
      new Option('--storage <folder>', 'folder that all machines mount')
        .env('FACEANIM_STORAGE')
        .makeOptionMandatory(),
    )
    .option('--queue <name>', 'name of the queue (faceanim)');
}
