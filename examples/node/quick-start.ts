/** Animates the bundled look by five frames of the bundled driver. Takes about a minute. */
import { openBackend } from '@faceanim/backend-node';
import { encodeLatents, interpolate, type Latent, projectSequence, render } from '@faceanim/core';
import { readImage, readVideo, writeVideo } from '@faceanim/media';
import { writeFileAtomic } from '@faceanim/media/files';
import { avatarPack } from '@faceanim/models';

await using backend = await openBackend(); // the fastest that starts: CUDA, WebGPU, native CPU or WASM
using models = await avatarPack({ fanModules: 1 }); // one FAN module: faster, but follows the driver less closely

const latents: Latent[] = [];
const frames = projectSequence({
  ...models,
  backend,
  look: await readImage('packages/cli/assets/demo-look.png'),
  driver: readVideo('packages/cli/assets/demo-driver.webp', { limit: 5 }),
});
for await (const { index, latent, losses } of frames) {
  latents.push(latent);
  console.log(`frame ${index}: LPIPS to the look ${losses.lpips?.toFixed(3)}`);
}
await writeFileAtomic('out/example.safetensors', encodeLatents(latents));
const images = render(interpolate(latents, { factor: 2 }), models.generator);
const { path } = await writeVideo('out/example.webp', images, { fps: 25 });
console.log(path);
