import { sequentialTrunk } from './trunk';

/** Places of the convolutions in torchvision's `features`, stage by stage. */
const stages = [
  [0, 2],
  [5, 7],
  [10, 12, 14],
  [17, 19, 21],
  [24, 26, 28],
];

/** The same places in one row. */
export const vggConvs = stages.flat();

/** VGG16's convolutions with torchvision's names (Simonyan and Zisserman 2014, arXiv 1409.1556), of any width. */
export const vgg = sequentialTrunk('a VGG16 trunk', () =>
  stages.map((convs, i) => ({
    pool: i === 0 ? undefined : { size: 2, stride: 2 },
    convs: convs.map((place) => ({ name: `features.${place}`, kernel: 3, padding: 1 })),
  })),
);
