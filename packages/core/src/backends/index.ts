export * from './device-faults';
export * from './open';
export * from './optional-package';
export * from './runtime';
export * from './self-test';
export * from './tfjs-backend';
export * from './wasm-faults';
export * from './webgpu-backend';
export type { Webgpu } from './webgpu-device';
