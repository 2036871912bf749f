import { invalidOption } from '@faceanim/tensor';

/** Where to draw between latents. */
export interface Moments {
  /** Number of moments up to the first latent, at which it is shown as it is. */
  upTo(time: number): number;
  /** The moments after one latent and up to the next, as shares of the way; 1 is the next. */
  between(time: number, next: number): Iterable<number>;
}

/** Each latent, and `factor - 1` moments between any two. */
export function evenMoments(factor: number): Moments {
  return {
    upTo: () => 1,
    *between() {
      for (let k = 1; k <= factor; k++) yield k / factor;
    },
  };
}

/**
 * Given times.
 *
 * @throws {FaceanimError} `invalid-option`, when it is taken, for one that is no number or below the one before.
 */
export function timedMoments(times: Iterable<number>): Moments {
  const iterator = times[Symbol.iterator]();
  let [position, before] = [0, Number.NEGATIVE_INFINITY];
  const next = () => {
    const result = iterator.next();
    if (result.done) return result;
    if (!(result.value >= before)) {
      const expected = position === 0 ? 'a number' : `${before} or more`;
      throw invalidOption(`times[${position}]`, result.value, expected);
    }
    [position, before] = [position + 1, result.value];
    return result;
  };
  let following = next();
  const take = () => {
    const { value } = following;
    following = next();
    return value as number;
  };
  return {
    upTo(time) {
      let count = 0;
      for (; !following.done && following.value <= time; count++) take();
      return count;
    },
    *between(time, next) {
      while (!following.done && following.value <= next) yield (take() - time) / (next - time);
    },
  };
}
