import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programPath } from '../qemu/program-path.ts';

/** Runs qemu-img, in `cwd` where that matters; a failure carries its own words. */
export async function qemuImg(args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('qemu-img', [...args], {
      env: { PATH: programPath },
      ...(cwd === undefined ? {} : { cwd }),
    });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`qemu-img ${args[0]}: ${said}`, { cause: error });
  }
}
