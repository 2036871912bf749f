import type { FaceDescriptorArchitecture } from './architecture';
import { dlibResNet } from './dlib-resnet';

/** Face descriptors that can be loaded. */
export const faceDescriptors: readonly FaceDescriptorArchitecture[] = [dlibResNet];
