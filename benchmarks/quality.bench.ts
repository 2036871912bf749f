import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import type { BackendName } from '@faceanim/core';
import { avatarPack, loadLpips } from '@faceanim/models';
import type { BenchmarkContext } from './run';
import { animate } from './support/quality/animate';
import { judgeRuns } from './support/quality/judge-runs';
import { openJudge } from './support/quality/judges';
import { aimsRows, meansRow, runRow, trustRow } from './support/quality/tables';
import { usualSteps, variants } from './support/quality/variants';
import { wholeNumber } from './support/whole-number';

export const description =
  'motion, steadiness and identity of animations, judged against drawn truth by networks that no loss uses [--clips A,B] [--looks A,B] [--variants A,B] [--as NAME] [--against A,B] [--frames N] [--every N] [--first N] [--next N] [--animate-only] [--out FOLDER] [--backend NAME] [--shared FOLDER]';

/**
 * Animates every look with every clip in every variant. Then judges all animations in the folder, against pictures of the
 * look's person that are drawn with the driver's expressions and poses. Everything is kept in the folder, so that a stopped
 * benchmark can go on, and that an older state of the code can be compared: `--as NAME` calls its animations so.
 */
export async function run({ args, log }: BenchmarkContext) {
  const options = parseOptions(args);
  const { out, shared, clips, looks } = options;
  await using backend = await openBackend({ prefer: options.backend });
  using pack = await avatarPack();
  for (const clip of ['alone', ...clips]) {
    for (const look of looks) {
      for (const variant of options.variants) {
        const name = options.as ?? variant;
        const made = await animate({
          ...{ backend, pack },
          driver: clip === 'alone' ? undefined : join(shared, 'media', `driver-${clip}.mp4`),
          frames: options.frames,
          every: consecutive.includes(clip) ? 1 : options.every,
          look: join(shared, 'media', `look-${look}.png`),
          // As `faceanim animate` draws them.
          interpolation: consecutive.includes(clip) && variant !== 'reference' ? 'b-spline' : 'linear',
          options: variants[variant]!(pack, clip === 'alone' ? { first: 100, next: 1 } : options.steps),
          folder: join(out, 'runs', name, `${clip}.${look}`),
        });
        log(`${name}, ${clip}, look ${look}: ${made.error ?? `${made.cpuSeconds} s of CPU time`}`);
      }
    }
  }
  if (options.animateOnly) return {};

  using lpips = await loadLpips({ net: 'squeeze', trunk: join(shared, 'weights/lpips-squeeze.safetensors') });
  const made = readdirSync(join(out, 'runs')).sort();
  const { runs, failures, trust, sheets } = await judgeRuns(
    { ...options, names: made },
    await openJudge(),
    lpips,
  );
  mkdirSync(join(out, 'sheets'), { recursive: true });
  for (const [name, png] of sheets) writeFileSync(join(out, 'sheets', `${name}.png`), png);
  const of = (name: string) => runs.filter((run) => run.name === name);
  const names = made.filter((name) => of(name).length > 0);
  const [yardsticks, ours] = [true, false].map((is) =>
    names.filter((name) => options.against.includes(name) === is),
  );
  const others = Object.fromEntries(yardsticks!.map((name) => [name, of(name)]));
  return {
    ...Object.fromEntries(ours!.map((name) => [`aims, ${name}`, aimsRows(of(name), others)])),
    means: names.map((name) => meansRow(name, of(name))),
    runs: runs.map(runRow),
    failures,
    'the judges, on the truth': trust.map(trustRow),
  };
}

/** Clips that are animated frame by frame: for their unsteadiness, which far frames hide, or because they are short. */
const consecutive = ['jitter', 'noface'];

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      shared: { type: 'string', default: '../shared' },
      clips: { type: 'string', default: 'talk,smile,scream,blink-brows,jitter,noface' },
      looks: { type: 'string', default: '02,03' },
      variants: { type: 'string', default: Object.keys(variants).join() },
      against: { type: 'string', default: 'reference,before' },
      as: { type: 'string' },
      frames: { type: 'string', default: '12' },
      every: { type: 'string', default: '4' },
      first: { type: 'string', default: String(usualSteps.first) },
      next: { type: 'string', default: String(usualSteps.next) },
      'animate-only': { type: 'boolean', default: false },
      out: { type: 'string', default: 'out/quality' },
      backend: { type: 'string' },
    },
  });
  const list = (text: string) => text.split(',').filter((part) => part !== '');
  const whole = (name: 'frames' | 'every' | 'first' | 'next') => wholeNumber(name, values[name]);
  return {
    shared: values.shared,
    clips: list(values.clips),
    looks: list(values.looks),
    variants: list(values.variants),
    against: list(values.against),
    as: values.as,
    frames: whole('frames'),
    every: whole('every'),
    steps: { first: whole('first'), next: whole('next') },
    animateOnly: values['animate-only'],
    out: values.out,
    backend: values.backend as BackendName | undefined,
  };
}
