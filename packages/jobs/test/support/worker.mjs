// A worker in a process of its own. Copied beside the built packages. Arguments: options as JSON, and the command of the program.
import { runProcess, startWorker } from '@faceanim/jobs';

const [options, ...command] = process.argv.slice(2);
const worker = await startWorker({
  ...JSON.parse(options),
  run: runProcess({ command }),
  onEvent: (event) => console.log(JSON.stringify({ ...event, error: event.error?.message })),
});
process.once('SIGTERM', () => worker[Symbol.asyncDispose]());
