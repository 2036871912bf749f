import type { Encoder, Generator, LandmarkNet, OnProgress, PerceptualNet } from '@faceanim/core';
import type { LandmarkModel } from '@faceanim/core/retargeting';
import {
  avatarPack,
  type LpipsNet,
  landmarkModel,
  loadEncoder,
  loadGenerator,
  loadLandmarkNet,
  loadLpips,
} from '@faceanim/models';
import { renamedOption } from '@faceanim/tensor/options';

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

/** The networks that a command can use, and the landmark model. */
export interface Networks {
  readonly generator: Generator;
  readonly landmarkNet: LandmarkNet;
  readonly perceptual: PerceptualNet;
  readonly encoder: Encoder | undefined;
  /** That of the bundled FAN; with your own, the one for any network. */
  readonly landmarkModel: LandmarkModel;
}

type Role = keyof Networks;

const roles: readonly Role[] = ['generator', 'landmarkNet', 'perceptual', 'encoder', 'landmarkModel'];

/** The networks of a run, or some of them. */
export type RunNetworks<Wanted extends Role = Role> = Pick<Networks, Wanted> & Disposable;

interface Hooks {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * Opens the networks of a run: yours where you give files, the bundled ones elsewhere. Files of bundled networks that are
 * not needed are not read.
 *
 * @param only the networks to open. Default all.
 */
export async function openNetworks<Wanted extends Role = Role>(
  files: NetworkOptions,
  { only = roles as readonly Wanted[], ...hooks }: Hooks & { readonly only?: readonly Wanted[] },
): Promise<RunNetworks<Wanted>> {
  const yours = yourNetworks(files, hooks);
  // The bundled encoder belongs to the bundled generator.
  const bundled = only.filter((role) => !yours[role].file && !(role === 'encoder' && files.generator));
  const { fanModules, lowMemory: checkpointing } = files;
  const pack = await avatarPack<Role>({ only: bundled, fanModules, checkpointing, ...hooks }).catch(
    byFlag('fanModules', '--fan-modules'),
  );
  const owned: Disposable[] = [pack];
  const dispose = () => {
    for (const network of owned.splice(0)) network[Symbol.dispose]();
  };
  try {
    const networks: Partial<Record<Role, unknown>> = {};
    for (const role of only) {
      const { file, load } = yours[role];
      const network = file ? await load(file) : pack[role];
      if (file && network && Symbol.dispose in network) owned.push(network);
      networks[role] = network;
    }
    return { ...(networks as Pick<Networks, Wanted>), [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

interface NetworkFile {
  readonly file: string | undefined;
  load(file: string): Promise<Networks[Role]>;
}

function yourNetworks(
  { generator, encoder, fan, fanModules, lpips, lpipsHeads, lpipsNet = 'vgg', lowMemory }: NetworkOptions,
  hooks: Hooks,
): Readonly<Record<Role, NetworkFile>> {
  return {
    generator: {
      file: generator,
      load: (file) => loadGenerator(file, { checkpointing: lowMemory, ...hooks }),
    },
    landmarkNet: {
      file: fan,
      load: (file) =>
        loadLandmarkNet(file, { modules: fanModules, ...hooks }).catch(byFlag('modules', '--fan-modules')),
    },
    perceptual: {
      file: lpips,
      load: (trunk) => loadLpips({ net: lpipsNet, trunk, heads: lpipsHeads, ...hooks }),
    },
    encoder: { file: encoder, load: (file) => loadEncoder(file, hooks) },
    landmarkModel: { file: fan, load: () => landmarkModel({ signal: hooks.signal }) },
  };
}

/** Rethrows an error about an option under the name of its flag. */
function byFlag(option: string, flag: string) {
  return (error: unknown): never => {
    throw renamedOption(error, option, flag);
  };
}
