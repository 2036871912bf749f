import type { JobState } from '@faceanim/jobs';
import type { Command } from 'commander';
import { choice, flag, wholeNumber } from '../flags/parse';
import { refuseUseless, type UselessFlag } from '../flags/useless-flags';
import type { JobsFlags } from '../jobs/jobs';
import { addQueueFlags } from './queue-flags';

/** Adds `faceanim jobs`. */
export function addJobs(program: Command, signal: AbortSignal): void {
  const command = program
    .command('jobs')
    .description('list the jobs of a queue, or show one, end it or try it again')
    .argument('[job]', 'id of a job')
    .addOption(
      choice<JobState>('--state <state>', 'list only these; failed: with the reasons', [
        'waiting',
        'running',
        'delayed',
        'done',
        'failed',
        'cancelled',
      ]),
    )
    .addOption(flag('--limit <n>', 'list at most n, the newest (100)', wholeNumber()))
    .option('--wait', 'show the progress of the job until it ends')
    .option('--cancel', 'end the job after its current step; finished frames stay')
    .option('--retry', 'queue a failed or cancelled job again; it goes on after its finished frames')
    .option('--remove', 'delete the job and its folder')
    .option('--json', 'print JSON')
    .action(async (job: string | undefined, flags: JobsFlags) => {
      refuseUseless(job === undefined ? needJob : [...needNoJob, ...oneAtATime], flags);
      const { jobsCommand } = await import('../jobs/jobs');
      await jobsCommand(job, flags, signal);
    });
  addQueueFlags(command);
}

const needJob = (['wait', 'cancel', 'retry', 'remove'] as const).map(
  (name): UselessFlag<JobsFlags> => ({ flag: `--${name}`, without: 'a job', when: (flags) => flags[name] }),
);
/** Flags of which the second would hide the first. */
const oneAtATime = (
  [
    ['cancel', 'retry'],
    ['cancel', 'remove'],
    ['retry', 'remove'],
    ['wait', 'remove'],
    ['json', 'remove'],
    ['json', 'wait'],
  ] as const
).map(
  ([name, other]): UselessFlag<JobsFlags> => ({
    ...{ flag: `--${name}`, beside: `--${other}` },
    when: (flags) => flags[name] && flags[other],
  }),
);
const needNoJob = (['state', 'limit'] as const).map(
  (name): UselessFlag<JobsFlags> => ({ flag: `--${name}`, beside: 'a job', when: (flags) => flags[name] }),
);
