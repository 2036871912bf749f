/**
 * Registers the gradients of tfjs' operations. `@tensorflow/tfjs-core` alone registers none; its registry is a
 * global, so that importing this module once, in whichever bundle, is enough. The deep path below is no valid
 * Node ESM import, therefore the build bundles it.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
