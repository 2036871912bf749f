import { spawnSync } from 'node:child_process';

/** Runs a command to its end and returns what it printed; throws that when the command fails. */
export function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? `${stdout}${stderr}`);
  return stdout;
}
