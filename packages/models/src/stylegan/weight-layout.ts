import type { HostTensor } from '@faceanim/tensor';

/** A tensor times a factor. */
export function scaled({ shape, data }: HostTensor, factor: number): HostTensor {
  return { shape, data: data.map((value) => value * factor) };
}

/** Reorders pictures of 4x4 cells, one after the other, from (channel, cell) to (cell, channel). */
export function toChannelsLast(data: Float32Array, channels: number): Float32Array {
  const cells = 16;
  const size = channels * cells;
  return data.map((_, i) => {
    const place = i % size;
    return data[i - place + (place % channels) * cells + Math.floor(place / channels)]!;
  });
}
