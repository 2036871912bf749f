import { run } from './program';

const controller = new AbortController();
// The first Ctrl-C ends the run cleanly and keeps what is finished; a second one ends the process.
process.once('SIGINT', () => controller.abort(new Error('Ctrl-C')));
process.once('SIGTERM', () => controller.abort(new Error('SIGTERM')));

process.exitCode = await run(process.argv.slice(2), controller.signal);
