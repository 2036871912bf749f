import { openBackend } from '@faceanim/backend-web';
import type { Backend, ProjectOptions, ProjectorOptions } from '@faceanim/core';
import {
  avatarPack,
  browserCache,
  cachedFetch,
  type Factors,
  landmarkModel,
  loadEncoder,
  loadGenerator,
  loadLandmarkNet,
  loadLpips,
} from '@faceanim/models';
import type { Hooks, NetworkFiles, WeightsFile, WorkerProjectorOptions } from '../options';

/** What a worker computes with. */
export interface WorkerModels
  extends Pick<ProjectorOptions, 'encoder' | 'generator' | 'landmarkModel' | 'perceptual' | 'statistics'> {
  /** Finds the landmarks of look and driver. */
  readonly landmarkNet: NonNullable<ProjectorOptions['landmarkNet']>;
  /** The named factors of the generator, if it has any. */
  readonly factors?: Factors;
  /** The open backend. */
  readonly backend: Backend;
  /** Options of every run, such as `losses` of your own. Options of the page take precedence. */
  readonly defaults?: Partial<Omit<ProjectOptions, 'driver'>>;
}

/** Opens the backend and the networks of a worker. `options` are those that the page gave to `createWorkerProjector`. */
export type OpenModels = (options: WorkerProjectorOptions, hooks: Hooks) => Promise<WorkerModels>;

/** Opens what the page has asked for. */
export async function openModels(
  { backend: runtime, models = 'avatar', avatar }: WorkerProjectorOptions,
  hooks: Hooks,
): Promise<WorkerModels> {
  const backend = await openBackend({ ...runtime, ...hooksOf(hooks) });
  await backend.activate();
  if (models === 'avatar') return { backend, ...(await avatarPack({ ...avatar, ...hooksOf(hooks) })) };
  return { backend, ...(await loadNetworks(models, avatar, hooks)) };
}

async function loadNetworks(
  { generator, landmarkNet, perceptual, encoder }: NetworkFiles,
  avatar: WorkerProjectorOptions['avatar'],
  hooks: Hooks,
): Promise<Omit<WorkerModels, 'backend'>> {
  const { checkpointing, folder } = avatar ?? {};
  const { signal, onProgress } = hooks;
  const file = (source: WeightsFile) => fileOf(source, hooks);
  return {
    generator: await loadGenerator(await file(generator), { checkpointing, signal, onProgress }),
    landmarkNet: await loadLandmarkNet(await file(landmarkNet), { signal, onProgress }),
    landmarkModel: await landmarkModel({ folder, signal }),
    ...(perceptual && {
      perceptual: await loadLpips({
        net: perceptual.net,
        trunk: await file(perceptual.trunk),
        heads: perceptual.heads && (await file(perceptual.heads)),
        ...{ signal, onProgress },
      }),
    }),
    ...(encoder && { encoder: await loadEncoder(await file(encoder), { signal }) }),
  };
}

async function fileOf(source: WeightsFile, hooks: Hooks) {
  return source instanceof Blob ? source : cachedFetch(source, { cache: browserCache(), ...hooksOf(hooks) });
}

/** The hooks that loaders take. */
const hooksOf = ({ signal, onProgress }: Hooks) => ({ signal, onProgress });
