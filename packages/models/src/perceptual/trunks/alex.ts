import { torchvisionLicence } from '../../networks/licences';
import { sequentialTrunk } from './trunk';

const pool = { size: 3, stride: 2 };

/** AlexNet's convolutions with torchvision's names (Krizhevsky 2014, arXiv 1404.5997), of any width. */
export const alex = sequentialTrunk(
  { name: 'an AlexNet trunk', anchors: ['features.3.weight'], licence: torchvisionLicence },
  () => [
    { convs: [{ name: 'features.0', kernel: 11, stride: 4, padding: 2 }] },
    { pool, convs: [{ name: 'features.3', kernel: 5, padding: 2 }] },
    { pool, convs: [{ name: 'features.6', kernel: 3, padding: 1 }] },
    { convs: [{ name: 'features.8', kernel: 3, padding: 1 }] },
    { convs: [{ name: 'features.10', kernel: 3, padding: 1 }] },
  ],
);
