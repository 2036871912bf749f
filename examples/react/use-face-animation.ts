import { createWorkerProjector, type WorkerFrame, type WorkerProjector } from '@faceanim/browser';
import { openVideo } from '@faceanim/media';
import { useCallback, useEffect, useRef, useState } from 'react';

/** What {@link useFaceAnimation} is doing. */
export interface FaceAnimationState {
  status: 'idle' | 'running' | 'done' | 'failed';
  /** What is being done, and which part of it is done, 0..1. */
  progress?: { stage: string; fraction?: number };
  /** The latest frame that is finished. */
  frame?: WorkerFrame;
  video?: Blob;
  /** What went wrong; a `FaceanimError` has a hint, too. */
  error?: Error & { hint?: string };
}

/** Animates faces in a worker, which is started by the first `animate` and ended with the component. */
export function useFaceAnimation() {
  const [state, setState] = useState<FaceAnimationState>({ status: 'idle' });
  const opening = useRef<Promise<WorkerProjector>>(undefined);
  const running = useRef<AbortController>(undefined);

  const cancel = useCallback(() => running.current?.abort(), []);
  useEffect(
    () => () => {
      cancel();
      opening.current?.then((projector) => projector[Symbol.dispose]()).catch(() => {});
      opening.current = undefined;
    },
    [cancel],
  );

  const animate = useCallback(async (look: File, driver: File) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    const update = (next: Partial<FaceAnimationState>) => {
      if (!signal.aborted) setState((before) => ({ ...before, ...next }));
    };
    const onProgress = (progress: NonNullable<FaceAnimationState['progress']>) => update({ progress });
    setState({ status: 'running' });
    signal.addEventListener('abort', () => setState({ status: 'idle' }));
    try {
      opening.current ??= createWorkerProjector({ onProgress }).catch((error) => {
        opening.current = undefined; // the next animate() tries again
        throw error;
      });
      const projector = await opening.current;
      const latents: WorkerFrame[] = [];
      for await (const frame of projector.project({ look, driver, signal, onProgress })) {
        latents.push(frame);
        update({ frame });
      }
      const fps = 2 * (await openVideo(driver)).info.fps;
      const animation = { name: 'animation.mp4', latents, factor: 2, fps, audio: { source: driver } };
      update({ status: 'done', video: await projector.writeVideo({ ...animation, signal, onProgress }) });
    } catch (error) {
      update({ status: 'failed', error: error as Error });
    }
  }, []);

  return { ...state, animate, cancel };
}
