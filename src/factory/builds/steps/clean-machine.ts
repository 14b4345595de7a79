/**
 * Removes from the machine what must not be in an image: what identifies it, what lets somebody in, what the build
 * left behind. The keys go last, since nobody can log in after that.
 */
import { quoted } from '../../ssh/quoted.ts';
import { ShellProblem } from '../../ssh/remote-shell.ts';
import type { Clean } from '../../templates/template.ts';
import type { BuildContext } from '../build.ts';
import { type MachinePlace, openShell } from '../machine-shell.ts';
import type { BuildParts } from '../parts.ts';
import { guestFolder } from './run-template-step.ts';

interface Cleaning {
  readonly what: string;
  /** Shell commands that may find nothing to do. */
  readonly script: string;
}

/** In this order. */
const cleanings: Readonly<Record<Exclude<keyof Clean, 'paths'>, Cleaning>> = {
  packageCache: {
    what: 'package cache',
    script: `if command -v apt-get; then apt-get clean; rm -rf /var/lib/apt/lists/*; fi
if command -v dnf; then dnf clean all; fi
if command -v apk; then rm -rf /var/cache/apk/*; fi`,
  },
  temporaryFiles: { what: 'temporary files', script: 'find /tmp /var/tmp -mindepth 1 -xdev -delete' },
  history: {
    what: 'shell history',
    script:
      'wipe /root/.*_history /root/.lesshst /root/.viminfo /home/*/.*_history /home/*/.lesshst /home/*/.viminfo',
  },
  logs: {
    what: 'logs',
    script: `if command -v journalctl; then journalctl --rotate; journalctl --vacuum-time=1s; fi
find /var/log -xdev -type f \\( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \\) -delete
find /var/log -xdev -type f -exec truncate -s 0 {} +`,
  },
  cloudInit: {
    what: "cloud-init's state, user data",
    // What `cloud-init clean` does, but for scripts of the image's own, which it would remove too.
    script: `wipe /var/lib/cloud/instances /var/lib/cloud/instance /var/lib/cloud/data /var/lib/cloud/sem
for hook in /etc/cloud/clean.d/*; do if [ -x "$hook" ]; then "$hook"; fi; done
wipe /var/lib/ingot/user-data /var/lib/ingot/user-data-of /var/lib/ingot/instance-id`,
  },
  machineId: {
    what: 'machine id',
    script: `if [ -e /etc/machine-id ]; then : > /etc/machine-id; fi
if [ -e /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then rm -f /var/lib/dbus/machine-id; fi
rm -f /var/lib/systemd/random-seed`,
  },
  hostKeys: {
    what: 'SSH host keys',
    script: 'wipe /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/dropbear/*_host_key',
  },
  authorizedKeys: {
    what: 'authorized keys',
    script: 'wipe /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys',
  },
};

export async function cleanMachine(
  parts: BuildParts,
  context: BuildContext,
  place: MachinePlace,
): Promise<readonly string[]> {
  const { clean } = context.input.template;
  const { paths = [] } = clean;
  const own = paths.map((path) => ({ what: path, script: `wipe ${quoted(path)}` }));
  const names = (Object.keys(cleanings) as (keyof typeof cleanings)[]).filter((name) => clean[name]);
  const wanted = [...own, ...names.map((name) => cleanings[name])];
  try {
    const shell = await openShell(parts, context, place, repeatPatienceMs);
    try {
      const { status, stdout, stderr } = await shell.exec(`sudo -n sh -c ${quoted(scriptOf(wanted))}`, {
        signal: context.signal,
      });
      if (status !== 0) throw new Error(`The machine could not be cleaned: ${(stderr || stdout).trim()}`);
    } finally {
      shell.close();
    }
  } catch (error) {
    // Cleaned by an earlier try that didn't live to say so: nobody is let in any more, which is the last thing done.
    const lockedOut = error instanceof ShellProblem && error.check === 'login';
    if (!lockedOut || !(clean.authorizedKeys || clean.hostKeys)) throw error;
  }
  const cleaned = wanted.map(({ what }) => what);
  context.tell({ type: 'detail', text: cleaned.join(', ') });
  return cleaned;
}

const repeatPatienceMs = 20_000;

function scriptOf(wanted: readonly Cleaning[]): string {
  const each = wanted.map(({ script }) => `(\n${script}\n) > /dev/null 2>&1`);
  const keysLast = each.slice(-1);
  const before = [wipe, `rm -rf ${guestFolder}`, ...each.slice(0, -1), 'sync'];
  return [...before, ...keysLast, 'sync', trimmed, 'exit 0'].join('\n');
}

/** Deletes, and leaves no bytes behind: a disk keeps what was in a deleted file. `1<>` writes where the file lies. */
const wipe = `wipe() {
  find "$@" -type f | while read -r file; do head -c "$(wc -c < "$file")" /dev/zero 1<> "$file"; done
  sync
  rm -rf "$@"
}`;

/** What was deleted is given back to the disk: until then its bytes would be in the image. */
const trimmed = `awk '$1 ~ "^/dev/" { print $2 }' /proc/mounts | sort -u | while read -r mounted; do
  fstrim "$mounted" > /dev/null 2>&1
done`;
