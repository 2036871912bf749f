import type { Latent } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { type LatentSpace, latentSpace } from '../../../packages/core/src/latents/latent-space';
import type { FrameResult, LabIdea, Point, Problem } from './idea';
import { type Evaluated, openObjectives } from './objectives';
import type { Scene } from './scene';

/** Runs an idea over all driver frames. The objective of a frame depends on the latents found before. */
export async function runInLab(idea: LabIdea, scene: Scene): Promise<FrameResult[]> {
  using space = latentSpace(idea.space ?? 'whitened-w', scene.statistics, scene.pack.generator.numWs);
  using objectives = openObjectives(scene, space);
  const minimise = idea.open();
  const found: Point[] = [];
  const frames: (Omit<FrameResult, 'cost'> & { asked: string[]; program: string })[] = [];
  const timing = timings();
  for (const [frame, driver] of scene.drivers.entries()) {
    using objective = objectives.ofFrame(frame, driver, found.at(-1));
    const steps = frame === 0 ? scene.steps.first : scene.steps.next;
    const asked: string[] = [];
    const curve: number[] = [];
    const evaluate: Problem['evaluate'] = async (point, step, ask) => {
      const answer = timing.note(await objective.evaluate(point, { step, steps }, ask));
      // After an evaluation of another objective, the full one is evaluated outside of the run.
      const total = answer.whole ?? timing.note(await objective.evaluate(point)).total;
      asked.push(answer.program);
      curve.push(Math.min(curve.at(-1) ?? Number.POSITIVE_INFINITY, total));
      return { ...answer, objective: `${answer.program} ${answer.weights}` };
    };
    const result = await minimise({ frame, steps, space, found, evaluate });
    found.push(result);
    const { losses, program } = timing.note(await objective.evaluate(result));
    const nme = await scene.landmarkError(await latentOf(result, space), driver);
    frames.push({ evaluations: asked.length, losses, nme, curve, asked, program });
  }
  return frames.map(({ asked, program, ...frame }) => {
    const cost = asked.reduce((sum, name) => sum + timing.median(name) / timing.median(program), 0);
    return { ...frame, cost };
  });
}

async function latentOf(point: Point, { shape, toWs }: LatentSpace): Promise<Latent> {
  const ws = tf.tidy(() => toWs(tf.tensor(point, [1, ...shape])));
  try {
    return { numWs: ws.shape[1], wDim: ws.shape[2], data: (await ws.data()) as Float32Array };
  } finally {
    ws.dispose();
  }
}

/** CPU times by program. Medians, since the first evaluations are slower than the others. */
function timings() {
  const times = new Map<string, number[]>();
  return {
    note(evaluated: Evaluated): Evaluated {
      const { program, cpuMs } = evaluated;
      times.set(program, [...(times.get(program) ?? []), cpuMs]);
      return evaluated;
    },
    median(program: string): number {
      const sorted = times.get(program)!.toSorted((a, b) => a - b);
      return sorted[sorted.length >> 1]!;
    },
  };
}
