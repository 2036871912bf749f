import { projectSequence } from '@faceanim/core';
import { factorsToZ } from '@faceanim/models';
import type { Backend } from '@faceanim/tensor';
import { drawFace } from '../../../packages/cli/src/look/draw-face';
import { withNullFace } from '../../support/live/null-face';
import { openPack } from '../open-pack';
import { openWebgpu } from '../open-webgpu';
import type { Section, SectionContext } from '../section';

export const sequence: Section = {
  description: 'a whole run on the avatar pack with its defaults: seconds by part, frames a second',
  seconds: 90,
  async run(context) {
    await using backend = await openWebgpu({ device: context.device });
    for (const how of ['first run', 'again'])
      context.report({ how, ...(await measureRun(backend, context)) });
  },
};

async function measureRun(backend: Backend, { device, small }: SectionContext) {
  const frames = small ? 1 : 12;
  using pack = await openPack();
  const models = device === 'null' ? withNullFace(pack) : pack;
  const face = (edit: Record<string, number>) => drawFace(pack, factorsToZ(pack.factors, edit, { seed: 1 }));
  const look = await face({});
  const driver = [];
  for (let i = 0; i < frames; i++) {
    const image = await face({ jaw: 1.5 * Math.sin(i) });
    driver.push({ index: i, image });
  }
  const started = performance.now();
  let steps = 0;
  let firstFrameMs: number | undefined;
  const stages: Record<string, number> = {};
  let stage = '';
  let since = started;
  const enter = (next: string) => {
    const now = performance.now();
    if (stage) stages[stage] = Math.round((stages[stage] ?? 0) + now - since);
    [stage, since] = [next, now];
  };
  const run = projectSequence({
    ...models,
    backend,
    look,
    driver,
    ...(small && { steps: { look: 2, first: 2, next: 1 } }),
    tracking: { align: 'none', minScore: 0 },
    onProgress: ({ stage }) => enter(`${stage} ms`),
  });
  for await (const frame of run) {
    steps += frame.steps;
    firstFrameMs ??= Math.round(performance.now() - started);
  }
  enter('');
  const seconds = (performance.now() - started) / 1000;
  const later = seconds - firstFrameMs! / 1000;
  return {
    ...{ frames, steps, firstFrameMs },
    laterFramesPerSecond: Number(((frames - 1) / later).toPrecision(3)),
    seconds: Number(seconds.toPrecision(3)),
    ...stages,
  };
}
