import type { Encoder, Generator, LandmarkNet, OnProgress, PerceptualNet } from '@faceanim/core';
import {
  avatarPack,
  type LpipsNet,
  loadEncoder,
  loadGenerator,
  loadLandmarkNet,
  loadLpips,
} from '@faceanim/models';
import { renamedOption } from '@faceanim/tensor/options';
import { fingerprint } from '../run/record';

/** Files of your own networks. The others come from the bundled pack. */
export interface NetworkOptions {
  generator?: string;
  /** The encoder of the generator. Your own generator has none unless you give one. */
  encoder?: string;
  fan?: string;
  fanModules?: number;
  lpips?: string;
  lpipsHeads?: string;
  lpipsNet?: LpipsNet;
  /** Activation checkpointing: recomputes the generator's layers in the backward pass. */
  lowMemory?: boolean;
}

/** The networks of a run. */
export interface RunNetworks extends Disposable {
  readonly generator: Generator;
  readonly landmarkNet: LandmarkNet;
  readonly perceptual: PerceptualNet;
  readonly encoder: Encoder | undefined;
  /** Short hashes that identify the networks, by role. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** Opens the networks of a run: yours where you give files, the bundled ones elsewhere. */
export async function openNetworks(
  { generator, encoder, fan, fanModules, lpips, lpipsHeads, lpipsNet = 'vgg', lowMemory }: NetworkOptions,
  around: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<RunNetworks> {
  const owned: Disposable[] = [];
  const dispose = () => {
    for (const network of owned.splice(0)) network[Symbol.dispose]();
  };
  const own = <T extends Disposable>(network: T): T => {
    owned.push(network);
    return network;
  };
  try {
    const checkpointing = lowMemory;
    const pack = own(
      await avatarPack({ ...(fan ? {} : { fanModules }), checkpointing, ...around }).catch(
        byFlag('fanModules', '--fan-modules'),
      ),
    );
    const hash = async (path: string | undefined, bundled: string) =>
      path ? await fingerprint(path) : pack.manifest.files[bundled]!.sha256.slice(0, 16);
    return {
      generator: generator
        ? own(await loadGenerator(generator, { checkpointing, ...around }))
        : pack.generator,
      landmarkNet: fan
        ? own(
            await loadLandmarkNet(fan, { modules: fanModules, ...around }).catch(
              byFlag('modules', '--fan-modules'),
            ),
          )
        : pack.landmarkNet,
      perceptual: lpips
        ? own(await loadLpips({ net: lpipsNet, trunk: lpips, heads: lpipsHeads, ...around }))
        : pack.perceptual,
      encoder: encoder ? await loadEncoder(encoder, around) : generator ? undefined : pack.encoder,
      fingerprints: {
        generator: await hash(generator, 'generator.safetensors'),
        encoder: generator && !encoder ? 'none' : await hash(encoder, 'encoder.safetensors'),
        fan: await hash(fan, 'fan.safetensors'),
        lpips:
          (await hash(lpips, 'lpips-student.safetensors')) +
          (lpipsHeads ? `+${await fingerprint(lpipsHeads)}` : ''),
      },
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Rethrows an error about an option under the name of its flag. */
function byFlag(option: string, flag: string) {
  return (error: unknown): never => {
    throw renamedOption(error, option, flag);
  };
}
