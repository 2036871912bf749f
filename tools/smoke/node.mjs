// Runs in a folder where the packed packages are installed. `node node.mjs import|require SPECIFIER…` loads each module,
// then computes a gradient, opens the bundled pack, and starts threads.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const [how, ...specifiers] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const load = how === 'require' ? (specifier) => require(specifier) : (specifier) => import(specifier);

for (const specifier of specifiers) {
  assert.ok(Object.keys(await load(specifier)).length > 0, `${specifier} exports nothing`);
}

const tf = await load('@tensorflow/tfjs-core');
await load('@tensorflow/tfjs-backend-cpu');
await tf.setBackend('cpu');
// Fails unless @faceanim/tensor has registered the gradients in the registry of this tfjs-core.
const slope = tf.tidy(() =>
  tf
    .grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2]))
    .arraySync(),
);
assert.deepEqual(slope, [2, 4]);

const { avatarPack } = await load('@faceanim/models');
const pack = await avatarPack();
assert.ok(pack.generator);
pack[Symbol.dispose]();
const { FrozenConv } = await load('@faceanim/tensor');
assert.equal(typeof FrozenConv.prototype[Symbol.dispose], 'function');

const { openBackend } = await load('@faceanim/backend-node');
const backend = await openBackend({ prefer: 'wasm', threads: 2 });
assert.equal(backend.capabilities.threads, 2, backend.description);
await backend[Symbol.asyncDispose]();
