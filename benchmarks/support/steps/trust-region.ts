import { type AskAt, type Minimise, type Point, startOf } from './idea';
import { axpy, dot, norm } from './vectors';

/** What is known of the curvature: it turns a gradient into a step. */
export interface Model {
  /** From a step and the change of the gradient along it. */
  learn(step: Point, change: Point): void;
  direction(gradient: Point): Point;
}

/** How steps with a trust radius go in an idea. */
export interface TrustRegionIdea<M extends Model> {
  /** What a run starts with, for `n` coordinates. */
  model(n: number): M;
  /** What frame `frame` starts with, from the model of the frame before. Default: that. */
  carry?(last: M, frame: number): M;
  /** Where a frame starts, in motions of the last one. Default 0.5. */
  along?: number;
  ask?: AskAt;
}

/** Root mean square over the coordinates of the first step and of any, at most. */
const [firstRadius, maxRadius] = [0.125, 0.25];

/**
 * Steps as core's `quasiNewton` takes them, for any model of the curvature: one evaluation each, shortened to a radius
 * that follows how well the model predicts, back to the best point where there is no gain.
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
