import { seedCheck } from './options';

/** A seeded stream of random numbers. The SDK draws from no other. */
export interface RandomState {
  /** The next `n` standard normal numbers, in numpy's order. */
  randn(n: number): Float64Array;
  /** The next number uniform in [0, 1), with 53 random bits. */
  randomSample(): number;
}

const words = 624;
const middle = 397;

/**
 * Random numbers equal to those of numpy's `RandomState(seed)`, which numpy guarantees never to change.
 *
 * MT19937 (Matsumoto and Nishimura 1998) seeded by `init_genrand`; normal numbers by Marsaglia's polar method.
 *
 * @param seed integer, 0..2^32 - 1
 * @throws FaceanimError `invalid-option` for any other seed
 */
export function randomState(seed: number): RandomState {
  seedCheck(seed, 'seed');
  const key = new Uint32Array(words);
  key[0] = seed;
  for (let i = 1; i < words; i++) {
    const previous = key[i - 1]!;
    key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  return mersenneTwister(key);
}

/**
 * An independent stream of random numbers for one use of a seed, unrelated to the streams for other uses or seeds.
 *
 * @param uses identify the use, e.g. `'latent noise', 7`
 * @throws FaceanimError `invalid-option` for a seed that {@link randomState} does not take
 */
export function randomStream(seed: number, ...uses: readonly (string | number)[]): RandomState {
  seedCheck(seed, 'seed');
  // FNV-1a (Fowler, Noll, Vo), with the finaliser of MurmurHash3 so that similar uses give unrelated seeds.
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify([seed, ...uses])) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return randomState((hash ^ (hash >>> 16)) >>> 0);
}

function mersenneTwister(key: Uint32Array): RandomState {
  let position = words;
  // The second normal number of the last pair, until it is drawn.
  let gauss: number | null = null;
  const refill = () => {
    for (let i = 0; i < words; i++) {
      const y = (key[i]! & 0x80000000) | (key[(i + 1) % words]! & 0x7fffffff);
      key[i] = key[(i + middle) % words]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    position = 0;
  };

  const nextWord = () => {
    if (position === words) refill();
    let y = key[position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };

  const randomSample = () => {
    const high = nextWord() >>> 5;
    const low = nextWord() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  };

  const nextNormal = () => {
    if (gauss !== null) {
      const kept = gauss;
      gauss = null;
      return kept;
    }
    let x: number;
    let y: number;
    let square: number;
    do {
      x = 2 * randomSample() - 1;
      y = 2 * randomSample() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    gauss = factor * x;
    return factor * y;
  };

  return {
    randn(n) {
      const numbers = new Float64Array(n);
      for (let i = 0; i < n; i++) numbers[i] = nextNormal();
      return numbers;
    },
    randomSample,
  };
}
