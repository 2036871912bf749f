import { run } from './program';
import { exitCodes } from './terminal/exit';

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // The first Ctrl-C ends the run cleanly and keeps what is finished, a second one ends the process.
  process.on(name, () => {
    if (controller.signal.aborted) process.exit(exitCodes.aborted);
    controller.abort(new Error(name === 'SIGINT' ? 'Ctrl-C' : name));
  });
}

process.exitCode = await run(process.argv.slice(2), controller.signal);
// Asked to end, it ends, even if a library still waits: BullMQ does for Redis.
if (controller.signal.aborted) setTimeout(() => process.exit(), 2000).unref();
