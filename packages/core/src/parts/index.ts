/**
 * Long clips on several machines: a run is prepared once, split into parts that are optimised separately, and joined.
 *
 * ```ts
 * const clip = await prepareClip({ ...models, look, driver: readVideo('long.mp4') });
 * const parts = planParts(clip.frames, { frames: 250 });
 * const optimised = (part: Part) => projectSequence({ ...models, look, driver: partOf(clip, part) });
 * const images = render(interpolate(joinParts(parts, optimised)), models.generator);
 * ```
 *
 * @module @faceanim/core/parts
 */
export * from './clip-file';
export * from './join-parts';
export * from './part-of';
export * from './plan-parts';
export * from './prepare-clip';
export type { ClipLook, Part, PreparedClip } from './prepared-clip';
