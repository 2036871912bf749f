import { type SequentialStage, sequentialTrunk } from './trunk';

/**
 * The trunk of the bundled student, which was trained to imitate LPIPS with SqueezeNet on faces: a 3x3 convolution of
 * stride 2 without padding, then stages of max pooling and 3x3 convolutions `stages.S.I`, of any number and width.
 */
export const student = sequentialTrunk(
  { name: 'the LPIPS student', anchors: ['stages.0.0.weight'] },
  (weights) => {
    const stages: SequentialStage[] = [{ convs: [{ name: 'stages.0.0', kernel: 3, stride: 2 }] }];
    while (weights.has(`stages.${stages.length}.0.weight`)) {
      const stage = `stages.${stages.length}`;
      const convs = [];
      while (weights.has(`${stage}.${convs.length}.weight`)) {
        convs.push({ name: `${stage}.${convs.length}`, kernel: 3, padding: 1 });
      }
      stages.push({ pool: { size: 3, stride: 2, ceil: true }, convs });
    }
    return stages;
  },
);
