/**
 * Registers the gradients of tfjs' operations, which `@tensorflow/tfjs-core` alone does not. The registry is global, so
 * one import, in whichever bundle, is enough.
 *
 * The build bundles the deep import below, since Node's ESM loader cannot resolve it. The whole package is imported
 * first: the engine, also global, takes its tensor class from the copy that is loaded first, and only the whole package
 * gives tensors all their methods.
 */
import '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
