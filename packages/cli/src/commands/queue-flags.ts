import { FaceanimError } from '@faceanim/tensor';
import { type Command, Option } from 'commander';

/** Adds the flags that say where jobs are; variables of the environment take their place. */
export function addQueueFlags(command: Command): Command {
  return command
    .optionsGroup('Queue:')
    .addOption(new Option('--redis <url>', 'required: address of Redis').env('FACEANIM_REDIS'))
    .addOption(
      new Option('--storage <folder>', 'required: folder that all machines mount, or s3://bucket/folder').env(
        'FACEANIM_STORAGE',
      ),
    )
    .option('--s3-endpoint <url>', 'S3-compatible service (AWS_ENDPOINT_URL_S3, else AWS)')
    .option('--queue <name>', 'name of the queue (faceanim)')
    .hook('preAction', () => {
      const { redis, storage } = command.opts();
      if (!redis) throw missing('--redis', 'redis://localhost:6379', 'FACEANIM_REDIS', 'Redis runs');
      if (!storage) throw missing('--storage', '/mnt/faceanim', 'FACEANIM_STORAGE', 'jobs keep their files');
    });
}

function missing(flag: string, example: string, variable: string, what: string): FaceanimError {
  return new FaceanimError('invalid-option', `${flag} is missing: it says where ${what}.`, {
    hint: `Add ${flag} ${example}, or set ${variable}. All workers and whoever submits need the same.`,
  });
}
