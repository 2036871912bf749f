import { openProjector, prepareLook } from '@faceanim/core';
import { writeVideo } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor/errors';
import { anything } from '@faceanim/tensor/options';
import type { Hooks } from '../options';
import type { Calls } from '../protocol/messages';
import type { Opened } from './checked-run';
import { lookCropper } from './crop-look';
import { checkDrawing, draw } from './draw';
import { lookModels, pictureOf, watched } from './inputs';
import { statisticsOf } from './kept-statistics';
import { latentFor } from './latent';
import type { OpenModels } from './models';
import { namingInput } from './name-input';
import { project } from './project';
import { targets } from './targets';
import { turns } from './turns';

/** How a worker answers each call. `onItem` resolves when the page wants the next item. */
type Handlers = {
  readonly [Name in keyof Calls]: (
    options: Calls[Name]['options'],
    hooks: Hooks & { readonly onItem: (item: Calls[Name]['item']) => Promise<void> },
  ) => Promise<Calls[Name]['result']>;
};

/** The calls of a worker. */
export function projectorCalls(open: OpenModels): Handlers {
  let opened: Opened | undefined;
  // A projector takes one run at a time, and the one before may just be ending.
  const inTurn = turns();
  const ready = () => {
    if (opened) return opened;
    throw new FaceanimError('invalid-option', 'The worker has not been opened.', {
      hint: 'Await createWorkerProjector() first.',
    });
  };

  return {
    async open(options, hooks) {
      const models = await open(options, hooks);
      const { defaults: _, factors, ...networks } = models;
      const { signal, onProgress } = hooks;
      const statistics = await statisticsOf(models, hooks);
      const projector = await openProjector({ ...networks, statistics, signal, onProgress });
      opened = { models, projector, cropLook: lookCropper(models) };
      const { name, description, capabilities, skipped = [] } = models.backend;
      const { resolution, numWs, wDim } = models.generator;
      return {
        backend: { name, description, capabilities, skipped },
        generator: { resolution, numWs, wDim },
        ...(factors && { factors }),
      };
    },
    async prepareLook({ look, ...options }, hooks) {
      const models = lookModels(ready().models);
      return namingInput({ look }, async () =>
        prepareLook(await pictureOf(look), { ...models, ...options, ...watched(hooks) }),
      );
    },
    async targets(options, hooks) {
      const run = async () => {
        for await (const frame of targets(options, hooks, ready())) await hooks.onItem(frame);
      };
      await inTurn(hooks.signal, () => namingInput(options, run));
    },
    async project(options, hooks) {
      const run = async () => {
        for await (const frame of project(options, hooks, ready())) await hooks.onItem(frame);
      };
      await inTurn(hooks.signal, () => namingInput(options, run));
    },
    latent: async (options) => latentFor(options, ready().models),
    async render(options, hooks) {
      checkDrawing('render', options, {});
      for await (const image of draw(options, hooks, ready().models)) await hooks.onItem(image);
    },
    async writeVideo(given, hooks) {
      // writeVideo() checks these.
      checkDrawing('writeVideo', given, {
        name: anything,
        fps: anything,
        times: anything,
        audio: anything,
        aiGenerated: anything,
      });
      const { name, fps, times, audio, aiGenerated, ...options } = given;
      const images = draw(options, hooks, ready().models);
      const { signal, onWarning } = hooks;
      // Drawing reports the progress.
      const video = await writeVideo(name, images, { fps, times, audio, aiGenerated, signal, onWarning });
      return video.blob();
    },
  };
}
