import type { RgbImage } from '../contracts/image';

/** Most pictures that are held at a time. */
const most = 8;

/** Three pictures of a clip whose length is not known: the first, one near the middle, and the last. */
export class SampledPictures {
  /** Every so many pictures are held. */
  #stride = 1;
  #count = 0;
  #held: RgbImage[] = [];
  #last: RgbImage | undefined;

  /** Takes the next picture. */
  add(picture: RgbImage): void {
    if (this.#count % this.#stride === 0) this.#held.push(picture);
    this.#last = picture;
    this.#count++;
    if (this.#held.length <= most) return;
    this.#held = this.#held.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  /** @throws RangeError if there were none. */
  get three(): readonly [first: RgbImage, middle: RgbImage, last: RgbImage] {
    const middle = Math.floor((this.#count >> 1) / this.#stride);
    if (!this.#last) throw new RangeError('no pictures');
    return [this.#held[0]!, this.#held[middle]!, this.#last];
  }
}
