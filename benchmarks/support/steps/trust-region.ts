import { type AskAt, type Minimise, type Point, startOf } from './idea';
import { axpy, dot, norm } from './vectors';

/** A model of the curvature, which turns a gradient into a step. */
export interface Model {
  /** Learns from a step and the change of the gradient along it. */
  learn(step: Point, change: Point): void;
  direction(gradient: Point): Point;
}

/** What an idea changes of steps within a trust radius. */
export interface TrustRegionIdea<M extends Model> {
  /** The model that a run starts with, for `n` coordinates. */
  model(n: number): M;
  /** The model that frame `frame` starts with, given that of the frame before. Default: the same. */
  carry?(last: M, frame: number): M;
  /** Where a frame starts: this many times the last motion beyond the last frame. Default 0.5. */
  along?: number;
  ask?: AskAt;
}

/** The largest root mean square over the coordinates: of the first step, and of any step. */
const [firstRadius, maxRadius] = [0.125, 0.25];

/**
 * The steps of core's `quasiNewton` for any model of the curvature. Each costs one evaluation, is no longer than a radius
 * that follows how well the model predicts, and starts from the best point so far.
 */
export function trustRegion<M extends Model>(idea: TrustRegionIdea<M>): () => Minimise {
  const { carry = (last: M) => last, along = 0.5, ask } = idea;
  return () => {
    let last: M | undefined;
    return async (problem) => {
      const { frame, steps, evaluate } = problem;
      let point = startOf(problem, along);
      const scale = Math.sqrt(point.length);
      const model = last ? carry(last, frame) : idea.model(point.length);
      let best = { point, gradient: point, total: Number.POSITIVE_INFINITY, objective: '' };
      let [radius, promise] = [0, 0];
      for (let step = 0; step < steps; step++) {
        const answer = await evaluate(point, step, ask?.({ frame, step, steps }));
        const comparable = answer.objective === best.objective;
        if (comparable) {
          const moved = axpy(-1, best.point, point);
          model.learn(moved, axpy(-1, best.gradient, answer.gradient));
          const gain = best.total - answer.total;
          const length = norm(moved);
          if (gain < promise / 4) radius = Math.max(length / 2, 1e-3);
          else if (gain > 0.6 * promise && length > 0.99 * radius)
            radius = Math.min(1.5 * radius, maxRadius * scale);
        } else radius = firstRadius * scale;
        if (!comparable || answer.total < best.total) best = { point, ...answer };
        const direction = model.direction(best.gradient);
        const share = Math.min(radius / (norm(direction) + 1e-12), 1);
        promise = -dot(direction, best.gradient) * (share - share ** 2 / 2);
        point = axpy(share, direction, best.point);
      }
      last = model;
      return best.point;
    };
  };
}
