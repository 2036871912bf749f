// What the fragments in the documentation leave out: the names they use without importing or declaring them.

type Core = typeof import('@faceanim/core');
type Media = typeof import('@faceanim/media');
type Models = typeof import('@faceanim/models');
type Testing = typeof import('@faceanim/tensor/testing');

declare const adam: Core['adam'];
declare const identityLosses: Core['identityLosses'];
declare const interpolate: Core['interpolate'];
declare const openProjector: Core['openProjector'];
declare const prepareLook: Core['prepareLook'];
declare const projectSequence: Core['projectSequence'];
declare const quasiNewton: Core['quasiNewton'];
declare const referenceMode: Core['referenceMode'];
declare const render: Core['render'];
declare const thorough: Core['thorough'];
declare const FaceanimError: Core['FaceanimError'];
declare const readImage: Media['readImage'];
declare const readVideo: Media['readVideo'];
declare const writeVideo: Media['writeVideo'];
declare const avatarPack: Models['avatarPack'];
declare const fitEncoder: Models['fitEncoder'];
declare const landmarkModel: Models['landmarkModel'];
declare const loadGenerator: Models['loadGenerator'];
declare const openBackend: typeof import('@faceanim/backend-node').openBackend;
declare const openCheckpoint: typeof import('@faceanim/models/checkpoints').openCheckpoint;
declare const FrozenConv: typeof import('@faceanim/tensor').FrozenConv;
declare const backendContract: Testing['backendContract'];
declare const writeFile: typeof import('node:fs/promises').writeFile;
declare const it: typeof import('vitest').it;
declare const afterAll: typeof import('vitest').afterAll;

declare const models: import('@faceanim/models').AvatarPack;
declare const generator: import('@faceanim/core').Generator;
declare const landmarkNet: import('@faceanim/core').LandmarkNet;
declare const backend: import('@faceanim/tensor').Backend;
declare const openOracle: typeof import('@faceanim/backend-node').openBackend;
declare const look: import('@faceanim/core').PreparedLook;
declare const photo: import('@faceanim/core').RgbImage;
declare const looks: import('@faceanim/core').RgbImage[];
declare const driver: ReturnType<Media['readVideo']>;
declare const images: AsyncIterable<import('@faceanim/core').RgbImage>;
declare const save: (frame: import('@faceanim/core').SequenceFrame) => Promise<void>;
declare const file: Blob;
declare const signal: AbortSignal;
declare const onProgress: import('@faceanim/core').OnProgress;
declare const image: import('@tensorflow/tfjs-core').Tensor4D;
declare const bias: Float32Array;
