import { FaceanimError } from '@faceanim/tensor';
import { nodeModule } from '../node-module';

/** The optional npm package with the weights of a face descriptor. */
export const peer = '@vladmandic/face-api';

/**
 * The folder of the weights in the optional package.
 *
 * @param from URL of the module that needs the package
 * @throws FaceanimError `io` if it is not installed, or outside Node
 */
export async function peerFolder(from: string): Promise<URL> {
  const outsideNode = {
    message: 'Outside Node, the folder of the face descriptor must be given: `folder` is missing.',
    hint: `Serve node_modules/${peer}/model and pass its address, e.g. folder: '/face-api/'.`,
  };
  const { createRequire } = await nodeModule('node:module', outsideNode);
  const { pathToFileURL } = await nodeModule('node:url', outsideNode);
  try {
    return new URL('model/', pathToFileURL(createRequire(from).resolve(`${peer}/package.json`)));
  } catch (cause) {
    throw new FaceanimError('io', `The face descriptor needs ${peer}, which is not installed.`, {
      cause,
      hint: `Run: npm install ${peer}`,
    });
  }
}
