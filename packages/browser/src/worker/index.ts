/**
 * For workers of your own: {@link serveProjector} answers the calls of a page's `createWorkerProjector`, with the networks,
 * loss terms and functions that you set up in the worker.
 *
 * @module @faceanim/browser/worker
 */
export type { OpenModels, WorkerModels } from './models';
export { serveProjector } from './serve-projector';
