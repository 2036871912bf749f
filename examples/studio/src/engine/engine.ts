import { createWorkerProjector, type NetworkFiles, type WorkerProjector } from '@faceanim/browser';
import { signal } from '@preact/signals';
import { keep, kept } from '../ui/kept';
import { isCancelled, type Problem, problemOf } from '../ui/problem';

/** The backends of a browser, fastest first. */
export const backends = ['webgpu', 'webgl', 'wasm'] as const;
export type BackendChoice = 'auto' | (typeof backends)[number];

/** How far the worker with its backend and networks is; it has failed, too, if it ran and cannot go on. */
export type EngineState =
  | { readonly phase: 'closed' }
  | { readonly phase: 'opening'; readonly fraction: number }
  | { readonly phase: 'ready'; readonly projector: WorkerProjector }
  | { readonly phase: 'failed'; readonly problem: Problem };

const stored = kept('backend') as BackendChoice | null;

/** The backend that the user has asked for. */
export const choice = signal<BackendChoice>(
  stored && (backends as readonly string[]).includes(stored) ? stored : 'auto',
);
/** The networks: the bundled ones, or the user's own. */
export const networks = signal<'avatar' | NetworkFiles>('avatar');
/** The state of the engine. */
export const engine = signal<EngineState>({ phase: 'closed' });

let opening: { result: Promise<WorkerProjector>; abort: AbortController } | undefined;

/** The open projector; opens one if there is none, or if that has failed. All panels share it. */
export function projector(): Promise<WorkerProjector> {
  if (!opening || engine.peek().phase === 'failed') {
    const abort = new AbortController();
    const result = open(abort.signal);
    result.catch(() => {});
    opening = { result, abort };
  }
  return opening.result;
}

/** Opens the engine when the page has been drawn, unless the user saves data: the networks are 9 MB. */
export function openSoon(): void {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (!connection?.saveData) setTimeout(() => void projector().catch(() => {}), 200);
}

/** Opens the engine again with another backend. */
export function chooseBackend(next: BackendChoice): void {
  choice.value = next;
  keep('backend', next === 'auto' ? undefined : next);
  reopen();
}

/** Opens the engine again with other networks. */
export function chooseNetworks(next: 'avatar' | NetworkFiles): void {
  networks.value = next;
  reopen();
}

/** Ends the worker and what it is doing, and starts another. */
export function reopen(): void {
  if (opening) {
    opening.abort.abort();
    const { value } = engine;
    if (value.phase === 'ready') value.projector[Symbol.dispose]();
    opening = undefined;
  }
  void projector().catch(() => {});
}

async function open(signal: AbortSignal): Promise<WorkerProjector> {
  const show = (state: EngineState) => {
    if (!signal.aborted) engine.value = state;
  };
  const fail = (error: unknown) => show({ phase: 'failed', problem: problemOf(error) });
  show({ phase: 'opening', fraction: 0 });
  try {
    const opened = await createWorkerProjector({
      // A backend that was chosen may be one in software: to see that it works.
      ...(choice.value !== 'auto' && { backend: { prefer: choice.value, allowSoftware: true } }),
      models: networks.value,
      signal,
      onProgress: ({ fraction = 0 }) => show({ phase: 'opening', fraction }),
    });
    show({ phase: 'ready', projector: opened });
    void opened.lost.then((error) => {
      opened[Symbol.dispose]();
      fail(error);
    });
    return opened;
  } catch (error) {
    if (!isCancelled(error)) fail(error);
    throw error;
  }
}
