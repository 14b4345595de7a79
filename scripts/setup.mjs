// Makes a bare Debian machine able to run this checkout, then goes on under Node 24:
//   node scripts/setup.mjs <need> [-- script.ts args…]
// It has no dependencies and runs on Node 18 and later. What is there already is left alone, so a second run
// costs a fraction of a second.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');

const asRoot = process.getuid?.() === 0;
/** Who isn't root builds base images in a user namespace. */
const toBuildImages = asRoot ? [] : ['uidmap'];
const toRunMachines = ['qemu-system-x86', 'qemu-utils', 'qemu-system-arm', 'qemu-efi-aarch64', 'ovmf'];

/** Debian packages and base images (their build tools) that each need takes. */
const needs = {
  check: { packages: [], bases: [] },
  run: { packages: [...toRunMachines, ...toBuildImages], bases: ['tiny'] },
  test: {
    packages: [
      ...toRunMachines,
      ...toBuildImages,
      'awscli',
      'python3-boto3',
      'packer',
      'nats-server',
      'fio',
      'openssh-client',
      'fdisk',
      'dosfstools',
      'mtools',
      'zsh',
      'fish',
    ],
    bases: ['tiny', 'debian-12'],
  },
  // The peers too. moto, which stands beside DescribeImages, is no Debian package; without it there is no peer.
  bench: {
    packages: [
      ...toRunMachines,
      ...toBuildImages,
      ...['fio', 'e2fsprogs', 'cpio', 'libnbd-bin', 'borgbackup', 'restic', 'casync'],
    ],
    bases: ['tiny', 'debian-12'],
  },
};

const [need = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(needs, need)) fail(`setup.mjs ${need}: give one of ${Object.keys(needs).join(', ')}.`);
const { packages, bases } = needs[need];

installPackages(packages);
installModules();
const environment = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };
const node = join(binaries, 'node');
if (bases.length > 0) installPackages(packagesToBuild(bases));
if (rest[0] === '--') process.exit(run(node, rest.slice(1), { env: environment }));

function installPackages(names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!has('apt-get')) {
    fail(
      `This machine has no apt. Install what these Debian packages hold, then try again:\n  ${missing.join(' ')}`,
    );
  }
  if (!asRoot && !has('sudo')) fail(`Root installs what is missing here:\n  ${command}`);
  say(`Installing Debian packages: ${missing.join(' ')}`);
  const apt = (...args) =>
    run(asRoot ? 'apt-get' : 'sudo', asRoot ? args : ['--preserve-env=DEBIAN_FRONTEND', 'apt-get', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['inherit', 'ignore', 'inherit'],
    });
  const install = [
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=300',
    ...missing,
  ];
  if (apt('update', '-q') !== 0)
    say('The package lists could not be brought up to date; going on with those here.');
  if (apt(...install) !== 0) fail(`Debian's packages could not be installed. To see why:\n  ${command}`);
}

function isInstalled(name) {
  const answer = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  return answer.stdout?.includes('\nStatus: install ok installed\n') === true;
}

function installModules() {
  if (modulesAreCurrent()) return;
  say('Installing npm packages');
  if (
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }) !== 0
  ) {
    fail('npm packages could not be installed. To see why:\n  npm ci');
  }
  if (!existsSync(join(binaries, 'node'))) {
    fail(
      'The npm package `node` brought no Node: install scripts are off here. Try:\n  npm ci --ignore-scripts=false',
    );
  }
}

/** Every package of the lock file stands in node_modules with its version; optional ones may be absent. */
function modulesAreCurrent() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined || !existsSync(join(binaries, 'node'))) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const version = present[path]?.version;
    return version === entry.version || (version === undefined && (entry.optional ?? entry.peer ?? false));
  });
}

function packagesOf(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, 'utf8')).packages : undefined;
}

/** The recipes know their own tools; they are TypeScript, so Node 24 is asked. */
function packagesToBuild(names) {
  const answer = spawnSync(node, [join(root, 'scripts', 'base-packages.ts'), ...names], { encoding: 'utf8' });
  if (answer.status !== 0) fail(`The recipes under guest/ could not be read:\n${answer.stderr}`);
  return answer.stdout.split('\n').filter((line) => line !== '');
}

function has(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function run(program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error !== undefined) fail(`${program} could not be started: ${error.message}`);
  return status ?? 128 + (constants.signals[signal] ?? 0);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
