import { learningRateAt } from '../../../packages/core/src/optimizers/schedules';
import { type Answer, type AskAt, type Minimise, type Point, startOf } from './idea';

/** What an idea changes of Adam. */
export interface AdamIdea {
  /** Where a frame starts: this many times the last motion beyond the last frame. Default 0. */
  along?: number;
  /** Moments that a frame takes over from the one before. Default none. */
  carry?: 'second' | 'both';
  /** Learning rates of the first frame and of the others. Default: those of `projectSequence` in whitened spaces. */
  rates?: { first: number; next: number };
  /** What sets the rate. Default: the projector's ramps. */
  rule?: ProgressRule;
  /** Factor of the rate for a layer; `depth` is 0 for the coarsest and 1 for the finest. */
  ofLayer?: (depth: number) => number;
  ask?: AskAt;
}

/** A rate that follows progress. It grows with every new best; without one, it is halved and the run returns to the best. */
export interface ProgressRule {
  /** Steps without a new best after which the rate is halved. */
  patience: number;
  /** Factor of the rate after a new best. */
  growth: number;
}

const [beta1, beta2, epsilon] = [0.9, 0.99, 1e-8];

/** Adam as in `projectSequence`, with one thing changed. */
export function adam(idea: AdamIdea = {}): () => Minimise {
  const { along = 0, carry, rates = { first: 0.07, next: 0.045 }, rule, ofLayer, ask } = idea;
  return () => {
    let last: { m: Point; v: Point; t: number } | undefined;
    return async (problem) => {
      const { frame, steps, space, evaluate } = problem;
      const [layers, dimensions] = space.shape;
      const factor = (i: number) => ofLayer?.(Math.floor(i / dimensions) / (layers - 1)) ?? 1;
      const top = frame === 0 ? rates.first : rates.next;
      const measured = rule && progressRate(rule, top);
      let point = startOf(problem, along);
      const v = carry && last ? last.v : new Float32Array(point.length);
      const m = carry === 'both' && last ? last.m : new Float32Array(point.length);
      const tv = carry && last ? last.t : 0;
      const tm = carry === 'both' ? tv : 0;
      for (let step = 0; step < steps; step++) {
        const answer = await evaluate(point, step, ask?.({ frame, step, steps }));
        const rate = measured ? measured.rate(point, answer) : learningRateAt({ rate: top }, step, steps);
        const from = measured?.from ?? { point, gradient: answer.gradient };
        const size = rate / (1 - beta1 ** (tm + step + 1));
        const bias = 1 - beta2 ** (tv + step + 1);
        point = from.point.map((x, i) => {
          const g = from.gradient[i]!;
          m[i] = beta1 * m[i]! + (1 - beta1) * g;
          v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
          return x - (size * factor(i) * m[i]!) / (Math.sqrt(v[i]! / bias) + epsilon);
        });
      }
      last = { m, v, t: tv + steps };
      return measured ? measured.best.point : point;
    };
  };
}

/** The rate under a {@link ProgressRule}, and the point from which the next step starts. */
function progressRate({ patience, growth }: ProgressRule, top: number) {
  let rate = top;
  let since = 0;
  const state = {
    best: undefined as unknown as { point: Point } & Answer,
    from: undefined as unknown as { point: Point; gradient: Point },
    rate(point: Point, answer: Answer): number {
      const here = { point, ...answer };
      const comparable = answer.objective === state.best?.objective;
      if (!comparable) rate = top;
      const better = !comparable || answer.total < state.best.total;
      if (better) state.best = here;
      since = better ? 0 : since + 1;
      if (better && comparable) rate *= growth;
      const back = since >= patience;
      if (back) [rate, since] = [rate / 2, 0];
      state.from = back ? state.best : here;
      return rate;
    },
  };
  return state;
}
