import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { randomState } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { builtCli } from '../built-cli';
import { demoDriver, demoLook, temporaryFolder } from '../support';
import { writeTinyGenerator } from '../tiny-generator';
import { results } from './results';

/** Moments at which a run is killed. `.ci/run` takes 10; a night's soak: `FACEANIM_KILLS=1000`. */
const kills = Number(process.env.FACEANIM_KILLS ?? 100);

it(`a run that is killed at any of ${kills} moments ends with the bytes of one that is not`, {
  tags: ['long'],
}, async () => {
  const bin = await builtCli();
  const folder = temporaryFolder();
  const generator = writeTinyGenerator(join(folder, 'generator.safetensors'));
  const flags = [
    ...['animate', '--driver', demoDriver, '--look', demoLook, '--generator', generator, '--limit', '4'],
    ...['--steps-look', '2', '--steps-first', '2', '--steps-next', '2', '--refine', '--fan-modules', '1'],
    ...['--align', 'none', '--align-look', 'never', '--min-score', '0', '--target', 'driver'],
    ...['--backend', 'wasm', '--threads', '1', '--quiet'],
  ];
  const start = (name: string) => {
    const out = ['--out', join(folder, name, 'out.webp')];
    return spawn(process.execPath, [bin, ...flags, ...out, '--resume'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  };
  const ended = async (run: ChildProcess) => {
    const [stderr, [code]] = await Promise.all([text(run.stderr!), once(run, 'exit')]);
    return { code: code as number | null, error: code === 0 ? undefined : stderr };
  };
  const success = { code: 0, error: undefined };

  const began = performance.now();
  expect(await ended(start('whole'))).toEqual(success);
  const life = performance.now() - began;
  const whole = results(join(folder, 'whole'));
  expect(Object.keys(whole)).toHaveLength(8);

  const random = randomState(1);
  const killed = join(folder, 'killed');
  let [left, broken] = [kills, 0];
  while (left > 0) {
    const run = start('killed');
    const end = ended(run);
    const moment = setTimeout(random.randomSample() * life).then(() => run.kill('SIGKILL'));
    const result = await end;
    await moment;
    left--;
    if (result.code === null) {
      broken++;
      continue;
    }
    // A life that was long enough ends the run: it must be as if it had never been broken.
    expect(result).toEqual(success);
    expect(results(killed)).toEqual(whole);
    rmSync(killed, { recursive: true });
  }
  if (existsSync(killed)) {
    expect(await ended(start('killed'))).toEqual(success);
    expect(results(killed)).toEqual(whole);
    expect(readdirSync(join(killed, 'out.run')).sort()).toEqual([
      'frames',
      'latents.safetensors',
      'run.json',
    ]);
  }
  expect(broken).toBeGreaterThan(kills / 4);
});
