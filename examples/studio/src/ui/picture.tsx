import { imageData } from '@faceanim/browser';
import type { RgbImage } from '@faceanim/core';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface PictureProps {
  readonly image: RgbImage | undefined;
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly class?: string;
}

/** An image of the SDK on a canvas; nothing without one. */
export function Picture({ image, label, class: name }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (image && canvas.current) draw(canvas.current, image);
  }, [image]);
  if (!image) return null;
  return <canvas ref={canvas} class={name} width={256} height={256} role="img" aria-label={label} />;
}

/** Puts an image on a canvas of its size. */
function draw(canvas: HTMLCanvasElement, image: RgbImage): void {
  const { width, height } = image;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext('2d')!.putImageData(imageData(image), 0, 0);
}
