import { spawnSync } from 'node:child_process';

/** The Python that tools and benchmarks run: `PYTHON`, such as that of a virtual environment, or else `python3` of the PATH. */
export const pythonCommand = () => process.env.PYTHON || 'python3';

/** What pip calls a module that it calls otherwise. */
const packageOf = { PIL: 'Pillow' };

/**
 * Checks that Python has some modules, before work is done that would be lost without them.
 *
 * @param {readonly string[]} modules
 * @throws {Error} that says what to install
 */
export function needPython(modules) {
  const python = pythonCommand();
  const program = `import importlib.util, sys; print(*(m for m in sys.argv[1:] if not importlib.util.find_spec(m)))`;
  const { error, status, stdout, stderr } = spawnSync(python, ['-c', program, ...modules], {
    encoding: 'utf8',
  });
  const another = 'Or set PYTHON to another Python, such as that of a virtual environment.';
  if (error || status !== 0) {
    const reason = error ? error.message : stderr.trim().split('\n').at(-1);
    throw new Error(`${python} cannot be run: ${reason}. Install Python 3. ${another}`);
  }
  const missing = stdout.split(/\s+/).filter((name) => name !== '');
  if (missing.length === 0) return;
  const packages = missing.map((name) => packageOf[name] ?? name).join(' ');
  throw new Error(
    `${python} lacks ${packages}. Install it: ${python} -m pip install ${packages}. ${another}`,
  );
}
