import type { FaceanimError, FaceanimErrorCode } from '@faceanim/tensor';

/** Advice that the SDK cannot give. */
const advice: Partial<Record<FaceanimErrorCode, string>> = {
  'device-lost': 'Run the command again, or choose another --backend.',
  'out-of-memory':
    'Use a generator of lower resolution, --fan-modules 1 or --low-memory, free the memory that other programs hold, or choose another --backend.',
};

const aboutPhotographs =
  'The bundled FAN was trained on drawn faces: for photographs, pass another one as --fan.';

/** What hints of the SDK speak of, and what it is on the command line. */
export const onCommandLine: Readonly<Record<string, string>> = {
  'pass another backend as prefer': 'choose another --backend',
  'pass allowSoftware: true': 'pass --allow-software',
  'takes allowSoftware: true': 'takes --allow-software',
  'pass overwrite: true': 'pass --overwrite',
  'lower minScore': 'lower --min-score',
  "Pass onMissingFace: 'hold' or 'skip'": 'Pass --on-missing-face hold or skip',
  'Or pass a point {x, y} of the face': 'Or pass --face x,y',
  "target: 'driver'": '--target driver',
  'readVideo reads the frames of a video': 'a video can be the --driver',
  'the generator that they were made with': 'the generator that they were made with as --generator',
  'with fitEncoder({ generator, landmarkNet }), or leave encoder out':
    'with faceanim fit-encoder --generator FILE, or leave out --encoder',
  'again with importCheckpoint': 'again: faceanim import FILE --out FOLDER',
  'list() has the jobs.': 'faceanim jobs lists them.',
  'retry() goes on': 'faceanim jobs ID --retry goes on',
  "optimizer: adam() or the preset thorough, or space: 'whitened-w'":
    '--preset thorough or --space whitened-w',
  ', or a smaller window': ', or a smaller --window',
  'with the finished frames as resume': 'with --resume',
  'images and videos go into the options `look` and `driver`':
    'pictures go into --look, videos into --driver',
  'describeCheckpoint lists': 'faceanim inspect --tensors lists',
};

/** What the user of the command can do about an error. */
export function hintFor({ code, hint }: FaceanimError): string | undefined {
  const inFlags = Object.entries(onCommandLine).reduce((text, [sdk, flag]) => text?.replace(sdk, flag), hint);
  if (code === 'no-face') return [inFlags, aboutPhotographs].filter(Boolean).join(' ');
  return advice[code] ?? inFlags;
}
