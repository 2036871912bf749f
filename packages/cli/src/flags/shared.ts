import type { LookAlignment } from '@faceanim/core';
import type { MissingFace } from '@faceanim/core/landmarks';
import type { BackendName } from '@faceanim/tensor';
import { Option } from 'commander';
import {
  alignment,
  choice,
  faceChoice,
  finiteNumber,
  flag,
  groupWeights,
  pose,
  positiveNumber,
  share,
  wholeNumber,
} from './parse';

/** The same as `backendNames`, but listed in the help without loading a backend. */
export const backendChoices: readonly BackendName[] = ['cuda', 'webgpu', 'cpu', 'wasm', 'js'];

/** Flags that several commands have. */
export const shared = {
  quiet: new Option('--quiet', 'no progress'),
  overwrite: new Option('--overwrite', 'replace existing outputs'),
  backend: choice('--backend <name>', 'tensor backend (the best one available)', backendChoices),
  allowSoftware: new Option('--allow-software', 'accept a GPU backend that is emulated in software'),
  threads: flag('--threads <n>', 'threads of wasm, up to 8 (one for each core)', wholeNumber()),
  interpolation: choice(
    '--interpolation <method>',
    'interpolation between latents (b-spline, which steadies them, from 20 latents a second, else linear)',
    ['linear', 'catmull-rom', 'b-spline'],
  ),
  generator: new Option('--generator <file>', 'StyleGAN2 or StyleGAN3 checkpoint (bundled pack)'),
  fan: new Option('--fan <file>', 'FAN checkpoint, the landmark network (bundled pack)'),
  start: flag('--start <n>', 'first driver frame, from 0 (0)', wholeNumber(0)),
  every: flag('--every <n>', 'show or optimise every n-th driver frame; all are tracked (1)', wholeNumber()),
  limit: flag('--limit <n>', 'show or optimise at most n driver frames', wholeNumber()),
  minScore: flag('--min-score <n>', 'mean heat-map peak that makes a face, 0 to 1 (0.45)', share),
  align: flag('--align <mode>', 'crop of the driver: frame, first, none or x,y,w,h (frame)', alignment),
  noAudio: new Option('--no-audio', 'leave out the sound of the driver'),
  noAiTag: new Option('--no-ai-tag', 'leave out the metadata that says that a model made the pictures'),
  alignLook: choice<LookAlignment>(
    '--align-look <mode>',
    'crop the look by its own landmarks, if it is not aligned (auto)',
    ['auto', 'always', 'never'],
  ),
  face: flag(
    '--face <which>',
    "the driver's face: largest, its number from the left from 0, or x,y in pixels (largest)",
    faceChoice,
  ),
  lookFace: flag('--look-face <which>', 'like --face, for a look that is cropped (largest)', faceChoice),
  onMissingFace: choice<MissingFace>(
    '--on-missing-face <what>',
    'in frames without a face hold that of a frame nearby, skip them, or end with an error (hold)',
    ['hold', 'skip', 'error'],
  ),
  gain: flag('--gain <list>', 'how large the motion on the look is: mouth=1.2,eyes=1.1 (1)', groupWeights),
  pose: flag(
    '--pose <whose>',
    'head pose on the look: driver, look, or 0 (look) to 1 (driver) (driver)',
    pose,
  ),
  neutral: flag(
    '--neutral <frame>',
    'driver frame in which the face is at rest; the look is then at rest, too',
    wholeNumber(0),
  ),
  blend: new Option('--blend <path>', 'another video whose expressions are blended in'),
  blendShare: flag(
    '--blend-share <n>',
    'their share: 0 (driver) to 1 (--blend) and beyond (0.5)',
    finiteNumber,
  ),
  fanModules: flag('--fan-modules <n>', 'run only the first n modules of the FAN (all)', wholeNumber()),
  maxPixels: flag('--max-pixels <n>', 'most pixels of a picture or frame', wholeNumber()),
  maxSeconds: flag('--max-seconds <n>', 'longest video', positiveNumber),
  maxBytes: flag('--max-bytes <n>', 'largest file, or folder of frames', wholeNumber()),
  checkpoints: choice<'arrays' | 'pickle'>(
    '--checkpoints <kind>',
    'arrays (safetensors, npy), or also pickle: the files of PyTorch',
    ['arrays', 'pickle'],
  ),
};
