export * from './discriminator';
export * from './encoder';
export * from './frames';
export * from './generator';
export * from './image';
export * from './landmark-net';
export * from './perceptual-net';
export * from './progress';
