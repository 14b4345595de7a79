/** Guests that only seem to be there: they let everybody in and know the commands that a boot proof sends. */
import type { ConnectShell } from '../../ssh/remote-shell.ts';

/** `ready`: nobody gets in before. `check`: what a validation's command prints. */
export function answeringGuests(
  options: { readonly ready?: () => Promise<void>; readonly check?: string } = {},
): ConnectShell {
  return async () => {
    await options.ready?.();
    let isOpen = true;
    return {
      hostKey: 'a key',
      get isOpen() {
        return isOpen;
      },
      exec: async (command) => ({ status: 0, stdout: answer(command, options.check ?? ''), stderr: '' }),
      close: () => {
        isOpen = false;
      },
    };
  };
}

function answer(command: string, check: string): string {
  if (command.includes('/proc/uptime')) return '1.00 0.50\n';
  if (command.includes('ingot-packages')) return 'ingot-packages\tnone\ttiny\t1\n';
  return check;
}
