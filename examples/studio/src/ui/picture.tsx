import { imageData } from '@faceanim/browser';
import type { RgbImage } from '@faceanim/core';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { bitmapAtHand, bitmapOf } from './compressed';

interface PictureProps {
  /** An image of the SDK, or one that is compressed. */
  readonly image: RgbImage | Blob | undefined;
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly class?: string;
}

/** A picture on a canvas; nothing without one. While it is decoded, the one before stays. */
export function Picture({ image, label, class: name }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const { current } = canvas;
    if (!image || !current) return;
    if (!(image instanceof Blob)) return sized(current, image).putImageData(imageData(image), 0, 0);
    const show = (bitmap: ImageBitmap) => sized(current, bitmap).drawImage(bitmap, 0, 0);
    const atHand = bitmapAtHand(image);
    if (atHand) return show(atHand);
    let wanted = true;
    void bitmapOf(image).then((bitmap) => wanted && show(bitmap));
    return () => {
      wanted = false;
    };
  }, [image]);
  if (!image) return null;
  return <canvas ref={canvas} class={name} width={256} height={256} role="img" aria-label={label} />;
}

/** The context of a canvas that has the size of a picture. */
function sized(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
): CanvasRenderingContext2D {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext('2d')!;
}
