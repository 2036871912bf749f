// Builds the native backend `@tensorflow/tfjs-node` where its installer cannot download libtensorflow: takes the library
// from the Python wheel `tensorflow-cpu` and compiles the addon from the sources in the npm package.
// Linux; needs npm, python3 (or PYTHON) with pip, make and a C++ compiler. Optional: everything else works without it.
//
// usage: node tools/build-tfjs-node.mjs [FOLDER]      FOLDER: default ~/.cache/faceanim/tfjs-node
// then:  NODE_PATH=FOLDER/node_modules npx @faceanim/cli doctor --backend cpu
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { root } from './packages.mjs';
import { pythonCommand } from './python.mjs';

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const folder = resolve(process.argv[2] ?? join(cache, 'faceanim', 'tfjs-node'));
const modules = join(folder, 'node_modules');
const addon = join(modules, '@tensorflow/tfjs-node');
const wheels = join(folder, 'wheel');
const library = join(folder, 'tensorflow');

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: 'inherit', ...options });
const isDone = () => existsSync(join(addon, 'lib')) && existsSync(library);

/** Installs the npm package without running its installer, in the version of tfjs that the repository uses. */
function installPackage() {
  const { version } = JSON.parse(
    readFileSync(`${root}node_modules/@tensorflow/tfjs-core/package.json`, 'utf8'),
  );
  mkdirSync(folder, { recursive: true });
  const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  run('npm', ['install', '--prefix', folder, ...flags, `@tensorflow/tfjs-node@${version}`]);
}

/** Unpacks libtensorflow and its C headers. */
function unpackLibrary() {
  if (!existsSync(wheels))
    run(pythonCommand(), ['-m', 'pip', 'download', 'tensorflow-cpu', '--no-deps', '--dest', wheels]);
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  const unpack = `
import re, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
wanted = re.compile(r'tensorflow/(libtensorflow_(cc|framework)\\.so\\.2|include/(tensorflow/c|tensorflow/core/platform|tsl|xla/tsl)/.*)$')
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if wanted.match(name)])
`;
  run(pythonCommand(), ['-c', unpack, join(wheels, wheel), folder]);
}

/** Links the library to where the build of the addon looks for it. */
function linkLibrary() {
  const lib = join(addon, 'deps', 'lib');
  rmSync(join(addon, 'deps'), { recursive: true, force: true });
  mkdirSync(lib, { recursive: true });
  symlinkSync(join(library, 'include'), join(addon, 'deps', 'include'));
  for (const [name, linkName] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ]) {
    symlinkSync(join(library, name), join(lib, name));
    symlinkSync(name, join(lib, linkName));
  }
}

function compile() {
  // The headers installed with Node, if any; otherwise node-gyp downloads them.
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
  run(process.execPath, [join(modules, '.bin/node-pre-gyp'), 'install', '--build-from-source'], {
    cwd: addon,
    env: { ...process.env, ...headers },
  });
}

function tryOut() {
  const program = `
const tf = require('@tensorflow/tfjs-node');
const [slope] = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3])).arraySync();
if (slope !== 6) throw new Error('the gradient is ' + slope + ', not 6');
console.log('TensorFlow ' + tf.backend().binding.TF_Version + ' works.');
`;
  const env = { ...process.env, NODE_PATH: modules, TF_CPP_MIN_LOG_LEVEL: '2' };
  run(process.execPath, ['-e', program], { env, cwd: folder });
}

if (process.platform !== 'linux') {
  console.error('This recipe is for Linux; elsewhere run: npm install @tensorflow/tfjs-node');
  process.exit(1);
}
if (!isDone()) {
  installPackage();
  unpackLibrary();
  linkLibrary();
  compile();
}
tryOut();
console.log(`Use it with NODE_PATH=${modules}`);
