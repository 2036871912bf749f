import type { HostTensors } from '../optimizers/optimizer';
import { checkState } from './check-optimizer';
import type { LatentStepOptions } from './latent-step';

/** Options of a step, and the start of the frame or batch of frames. */
export interface LatentStartOptions extends LatentStepOptions {
  /** Coordinates in the latent space at the start, `[layers, dimensions]` for each frame of the batch. */
  start: Float32Array;
  /** Noise maps `[height, width]` by layer name. Default: none; synthesis uses those of the checkpoint. */
  noise?: HostTensors;
  /** Optimizer state of an earlier frame, from {@link OptimizedLatent.carriedOver}. Default: none. */
  carriedOver?: HostTensors;
}

/**
 * What the first step starts from: `coordinates`, `noise/NAME` for each noise map, `state/NAME` of the optimizer.
 */
export function startArrays(options: LatentStartOptions): HostTensors {
  const { objective, optimizer, noise = {}, noiseUse } = options;
  const shape = shapeOf(options);
  const coordinates = { shape, data: options.start };
  const carriedOver = options.carriedOver && batchOf(options.carriedOver, shape[0]);
  const maps = prefixed('noise/', noise);
  const params = noiseUse === 'train' ? { coordinates, ...maps } : { coordinates };
  const first = { params, terms: objective.names.length, carriedOver };
  const state = optimizer.init(first);
  checkState(optimizer, state, first);
  return { coordinates, ...maps, ...prefixed('state/', state) };
}

/** `[batch, layers, dimensions]`. */
export function shapeOf({ start, space }: LatentStartOptions): [number, number, number] {
  return [start.length / (space.shape[0] * space.shape[1]), ...space.shape];
}

/** Repeats the arrays of one frame for each frame of a batch. */
function batchOf(arrays: HostTensors, batch: number): HostTensors {
  const stacks = Object.entries(arrays).map(([name, { shape, data }]) => {
    const all = new Float32Array(batch * data.length);
    for (let i = 0; i < batch; i++) all.set(data, i * data.length);
    return [name, { shape: [batch, ...shape], data: all }];
  });
  return Object.fromEntries(stacks);
}

function prefixed(prefix: string, arrays: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
}
