import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programPath } from '../qemu/program-path.ts';

/** A few bytes of a disk in any format, as a guest would read them; whole sectors. For looking, not for copying. */
export async function readWithQemu(
  disk: { readonly file: string; readonly format: string },
  offset: number,
  length: number,
): Promise<Buffer> {
  const args = ['-r', '-U', '-f', disk.format, '-c', `read -v ${offset} ${length}`, disk.file];
  const { stdout } = await promisify(execFile)('qemu-io', args, {
    env: { PATH: programPath },
    maxBuffer: 16 * 1024 * 1024,
  });
  const lines = [...stdout.matchAll(/^[0-9a-f]+: {2}((?:[0-9a-f]{2} ?)+) /gm)];
  const bytes = Buffer.from(lines.map(([, hex = '']) => hex.replaceAll(' ', '')).join(''), 'hex');
  if (bytes.length === length) return bytes;
  throw new Error(`qemu-io read ${bytes.length} of ${length} bytes of ${disk.file}: ${stdout.slice(-200)}`);
}
