import type { Point } from './idea';

export const dot = (a: Point, b: Point) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
export const norm = (a: Point) => Math.sqrt(dot(a, a));
export const times = (factor: number, a: Point) => a.map((x) => factor * x);
/** `factor · a + b`. */
export const axpy = (factor: number, a: Point, b: Point) => b.map((x, i) => factor * a[i]! + x);
