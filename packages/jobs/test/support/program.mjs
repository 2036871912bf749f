// Stands for the command-line program: what it does is its argument --do=…
import { readdirSync, writeFileSync } from 'node:fs';

const tell = (line) => process.stderr.write(`${JSON.stringify(line)}\n`);
const [what] = process.argv.find((word) => word.startsWith('--do=')).match(/(?<=--do=).*/);
writeFileSync(
  'words.json',
  JSON.stringify({ words: process.argv.slice(2), gpu: process.env.CUDA_VISIBLE_DEVICES }),
);
switch (what) {
  case 'work':
    tell({ event: 'progress', stage: 'optimize', fraction: 0.5 });
    tell({ event: 'warning', message: 'careful' });
    break;
  case 'fail':
    tell({
      event: 'error',
      error: { name: 'FaceanimError', message: 'No face.', code: 'no-face', details: { frame: 2 } },
    });
    process.stderr.write('error: No face.\n');
    process.exit(3);
    break;
  case 'usage':
    process.stderr.write("error: unknown option '--do'\n(faceanim animate --help lists the flags)\n");
    process.exit(2);
    break;
  case 'crash':
    throw new Error('a bug');
  case 'killed':
    process.kill(process.pid, 'SIGKILL');
    break;
  case 'wait':
    process.on('SIGTERM', () => {
      writeFileSync('asked', '');
      process.exit(130);
    });
    setInterval(() => tell({ event: 'progress', stage: 'optimize' }), 20);
    break;
  case 'stubborn':
    process.on('SIGTERM', () => {});
    tell({ event: 'progress', stage: 'load' });
    setInterval(() => {}, 1000);
    break;
  default:
    throw new Error(readdirSync('.').join());
}
