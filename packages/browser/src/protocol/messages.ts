import type { Latent, PreparedLook, ProgressEvent, RgbImage, TargetedFrame } from '@faceanim/core';
import type { WriteVideoOptions } from '@faceanim/media';
import type { WireError } from '@faceanim/tensor/errors';
import type {
  Hooks,
  LatentInWorkerOptions,
  PrepareLookInWorkerOptions,
  RenderInWorkerOptions,
  TargetsInWorkerOptions,
  WorkerFrame,
  WorkerInfo,
  WorkerProjectOptions,
  WorkerProjectorOptions,
  WriteVideoInWorkerOptions,
} from '../options';

/** Options without those that stay in the page. */
type Sent<T> = Omit<T, keyof Hooks | 'worker'>;

/** The calls that a worker answers: what each takes, streams and returns in the end. */
export interface Calls {
  open: { options: Sent<WorkerProjectorOptions>; item: never; result: WorkerInfo };
  prepareLook: { options: Sent<PrepareLookInWorkerOptions>; item: never; result: PreparedLook };
  targets: { options: Sent<TargetsInWorkerOptions>; item: TargetedFrame; result: undefined };
  project: { options: Sent<WorkerProjectOptions>; item: WorkerFrame; result: undefined };
  latent: { options: Sent<LatentInWorkerOptions>; item: never; result: Latent };
  render: { options: Sent<RenderInWorkerOptions>; item: RgbImage; result: undefined };
  writeVideo: {
    options: Sent<Omit<WriteVideoInWorkerOptions, 'audio'>> & Pick<WriteVideoOptions, 'audio'>;
    item: never;
    result: Blob;
  };
}

/** What the page sends: a call, that it has taken the last item of one, or that one is no longer wanted. */
export type Request =
  | { readonly id: number; readonly call: keyof Calls; readonly options: object }
  | { readonly id: number; readonly taken: true }
  | { readonly id: number; readonly abort: true };

/**
 * What the worker sends while it answers the call with this id; a result or an error is the last. After each item it waits
 * until that has been taken.
 */
export type Answer = { readonly id: number } & (
  | { readonly progress: ProgressEvent }
  | { readonly warning: string }
  | { readonly item: unknown }
  | { readonly result: unknown }
  | { readonly error: WireError }
);

/** One end of a connection: a `Worker`, the global scope in one, or a `MessagePort`. */
export interface MessageEnd {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}
