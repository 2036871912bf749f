/**
 * Face animation in a web page: {@link createWorkerProjector} animates faces in a worker, so that the page stays responsive,
 * and saved frames let a run go on after its tab was closed.
 *
 * @module @faceanim/browser
 */
export { createWorkerProjector, type WorkerProjector } from './client/create-worker-projector';
export { imageData } from './image-data';
export type {
  LatentInWorkerOptions,
  NetworkFiles,
  PrepareLookInWorkerOptions,
  RenderInWorkerOptions,
  TargetsInWorkerOptions,
  WeightsFile,
  WorkerFrame,
  WorkerInfo,
  WorkerProjectOptions,
  WorkerProjectorOptions,
  WriteVideoInWorkerOptions,
} from './options';
export { deleteSavedFrames, openSavedFrames, type SavedFrames, savedRuns } from './saved/saved-frames';
