// Reads a network of a checkpoint in a separate process, whose peak memory is then that of reading alone.
// Arguments: path, prefix, `path` or `blob`. Prints JSON.
import { openAsBlob } from 'node:fs';
import { openCheckpoint } from '@faceanim/models/checkpoints';

const [, , path, prefix, how] = process.argv;
// The memory of the program itself.
const before = process.memoryUsage().rss;
const started = performance.now();
const checkpoint = await openCheckpoint(how === 'blob' ? await openAsBlob(path) : path);
const opened = performance.now();
const weights = await checkpoint.read({ prefix });
const read = performance.now();
await checkpoint[Symbol.asyncDispose]();
const peak = process.resourceUsage().maxRSS * 1024;
const tensorBytes = [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
process.stdout.write(
  JSON.stringify({ openMs: opened - started, readMs: read - opened, tensorBytes, peakBytes: peak - before }),
);
