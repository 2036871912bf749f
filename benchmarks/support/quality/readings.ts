import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { RgbImage } from '@faceanim/core';
import type { Judge, Reading } from './judges';

/** Reads pictures, or takes the readings from a file if an earlier run has made them. */
export async function readAll(file: string, pictures: readonly RgbImage[], judge: Judge): Promise<Reading[]> {
  if (existsSync(file)) {
    const kept: Record<keyof Reading, number[]>[] = JSON.parse(readFileSync(file, 'utf8'));
    if (kept.length === pictures.length) {
      return kept.map(({ points, mesh, descriptor }) => ({
        points: Float64Array.from(points),
        mesh: Float64Array.from(mesh),
        descriptor: Float64Array.from(descriptor),
      }));
    }
  }
  const readings: Reading[] = [];
  for (const picture of pictures) readings.push(await judge(picture));
  const plain = (values: Float64Array) => Array.from(values, (value) => Number(value.toFixed(4)));
  const lines = readings.map(({ points, mesh, descriptor }) => ({
    points: plain(points),
    mesh: plain(mesh),
    descriptor: plain(descriptor),
  }));
  writeFileSync(file, JSON.stringify(lines));
  return readings;
}
