import { type Bytes, f32, floatConstant, getLocal, setLocal, simd, v128 } from './assembler';

/** Instructions that compute with one float or with four at once. */
export interface Lanes {
  readonly type: number;
  readonly load: Bytes;
  readonly store: Bytes;
  /** Loads one float for all lanes. */
  readonly loadSame: Bytes;
  /** Copies a float to all lanes. */
  readonly spread: Bytes;
  readonly add: Bytes;
  readonly subtract: Bytes;
  readonly multiply: Bytes;
  readonly divide: Bytes;
  readonly squareRoot: Bytes;
  readonly least: Bytes;
  readonly greatest: Bytes;
  readonly magnitude: Bytes;
  readonly isAbove: Bytes;
  /** Of two values, the first where a condition holds. */
  readonly choose: Bytes;
}

/** Floats are aligned to four bytes, and their addresses have no offset. */
const aligned = [0x02, 0x00];

export const fourFloats: Lanes = {
  type: v128,
  load: [...simd(0x00), ...aligned],
  store: [...simd(0x0b), ...aligned],
  loadSame: [...simd(0x09), ...aligned],
  spread: simd(0x13),
  add: simd(0xe4),
  subtract: simd(0xe5),
  multiply: simd(0xe6),
  divide: simd(0xe7),
  squareRoot: simd(0xe3),
  least: simd(0xe8),
  greatest: simd(0xe9),
  magnitude: simd(0xe0),
  isAbove: simd(0x44),
  choose: simd(0x52),
};

export const oneFloat: Lanes = {
  type: f32,
  load: [0x2a, ...aligned],
  store: [0x38, ...aligned],
  loadSame: [0x2a, ...aligned],
  spread: [],
  add: [0x92],
  subtract: [0x93],
  multiply: [0x94],
  divide: [0x95],
  squareRoot: [0x91],
  least: [0x96],
  greatest: [0x97],
  magnitude: [0x8b],
  isAbove: [0x5e],
  choose: [0x1b],
};

/** Where the code of a value goes. */
export interface Place {
  readonly lanes: Lanes;
  /** Reserves a local for a value. */
  newLocal(): number;
}

/** A value of a loop: the code that leaves it on the stack. */
export type Value = (place: Place) => Bytes;

const binary =
  (name: 'add' | 'subtract' | 'multiply' | 'divide' | 'least' | 'greatest') =>
  (a: Value, b: Value): Value =>
  (place) => [...a(place), ...b(place), ...place.lanes[name]];

export const add = binary('add');
export const subtract = binary('subtract');
export const multiply = binary('multiply');
export const divide = binary('divide');
export const least = binary('least');
export const greatest = binary('greatest');

const unary =
  (name: 'magnitude' | 'squareRoot') =>
  (a: Value): Value =>
  (place) => [...a(place), ...place.lanes[name]];

/** The greater of four values and others; the first where they are equal or not numbers, which takes one instruction. */
export const fourAtLeast =
  (a: Value, b: Value): Value =>
  (place) => [...a(place), ...b(place), ...simd(0xeb)];

export const magnitude = unary('magnitude');
export const squareRoot = unary('squareRoot');

/** A value times itself. */
export const square = (a: Value): Value => once(a, (known) => multiply(known, known));

export const constant =
  (value: number): Value =>
  ({ lanes }) => [...floatConstant(value), ...lanes.spread];

export const zero = constant(0);

/** `then` where a > b, else `otherwise`. */
export const whereAbove =
  (a: Value, b: Value, then: Value, otherwise: Value): Value =>
  (place) => [
    ...then(place),
    ...otherwise(place),
    ...a(place),
    ...b(place),
    ...place.lanes.isAbove,
    ...place.lanes.choose,
  ];

/** A value that is computed once and used several times. */
export const once =
  (value: Value, use: (known: Value) => Value): Value =>
  (place) => {
    const local = place.newLocal();
    return [...value(place), ...setLocal(local), ...use(() => getLocal(local))(place)];
  };
