import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend, writeVideo } from '@faceanim/backend-node';
import {
  type BackendName,
  decodeLatents,
  decodeSafetensors,
  FaceanimError,
  interpolate,
  render,
} from '@faceanim/core';
import { openNetworks } from './networks';
import { createReporter } from './progress';

interface RenderOptions {
  out: string;
  generator?: string;
  subframes?: number;
  interpolation?: 'linear' | 'catmull-rom';
  fps?: number;
  backend?: BackendName;
}

/** `faceanim render`: latents of an earlier run to an animation. */
export async function renderCommand(
  path: string,
  options: RenderOptions,
  { quiet, signal }: { quiet?: boolean; signal?: AbortSignal },
): Promise<void> {
  const { out, subframes = 2, interpolation, backend: prefer } = options;
  const file = await latentsFile(path);
  const bytes = await readFile(file);
  const latents = decodeLatents(bytes, { file });
  const fps = options.fps ?? Number(decodeSafetensors(bytes, { file }).metadata.fps ?? 25);
  const reporter = createReporter({ quiet, main: 'render' });
  try {
    await using backend = await openBackend({ prefer, signal, onProgress: reporter.progress });
    reporter.log(`Backend: ${backend.description}`);
    using networks = await openNetworks(
      { generator: options.generator },
      { signal, onProgress: reporter.progress },
    );
    const between = interpolate(latents, { factor: subframes, method: interpolation });
    const frames = (latents.length - 1) * subframes + 1;
    const images = render(between, networks.generator, { frames, signal, onProgress: reporter.progress });
    const written = await writeVideo(out, images, { fps, signal });
    process.stdout.write(`${written.frames} frames: ${written.path}\n`);
  } finally {
    reporter.stop();
  }
}

async function latentsFile(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'latents.safetensors') : path;
  } catch (cause) {
    throw new FaceanimError('io', `${path} cannot be read.`, {
      file: path,
      cause,
      hint: 'Pass latents.safetensors of a finished run, or its folder.',
    });
  }
}
