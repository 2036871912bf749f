import { type Command, Option } from 'commander';

/** Adds the flags that say where jobs are; variables of the environment take their place. */
export function addQueueFlags(command: Command): Command {
  return command
    .optionsGroup('Queue:')
    .addOption(new Option('--redis <url>', 'address of Redis').env('FACEANIM_REDIS').makeOptionMandatory())
    .addOption(
      new Option('--storage <folder>', 'folder that all machines mount, or s3://bucket/folder')
        .env('FACEANIM_STORAGE')
        .makeOptionMandatory(),
    )
    .option('--s3-endpoint <url>', 'S3-compatible service (AWS_ENDPOINT_URL_S3, else AWS)')
    .option('--queue <name>', 'name of the queue (faceanim)');
}
