import type { RgbImage } from '@faceanim/core';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface PictureProps {
  readonly image: RgbImage | undefined;
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly class?: string;
}

/** An image of the SDK on a canvas. */
export function Picture({ image, label, class: name }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (image && canvas.current) draw(canvas.current, image);
  }, [image]);
  return <canvas ref={canvas} class={name} width={256} height={256} role="img" aria-label={label} />;
}

/** Puts an image on a canvas of its size. */
export function draw(canvas: HTMLCanvasElement | OffscreenCanvas, image: RgbImage): void {
  const { width, height, data } = image;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let i = 0, p = 0; i < data.length; i += 3, p += 4) {
    pixels.data[p] = data[i]!;
    pixels.data[p + 1] = data[i + 1]!;
    pixels.data[p + 2] = data[i + 2]!;
    pixels.data[p + 3] = 255;
  }
  (canvas.getContext('2d') as CanvasRenderingContext2D).putImageData(pixels, 0, 0);
}
