/**
 * Registers the gradients of tfjs' operations. `@tensorflow/tfjs-core` alone registers none; its registry is a
 * global, so that importing this module once, in whichever bundle, is enough. The deep path below is no valid
 * Node ESM import, therefore the build bundles it, with parts of tfjs that it needs. The whole package comes first,
 * since the engine, a global too, takes its tensor class from the copy that is loaded first, and only the whole
 * package gives tensors all their methods.
 */
import '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
