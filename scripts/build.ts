/** Makes dist/: the compiler's JavaScript, and beside it every other file that the code reads (recipes, model). */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
for (const folder of ['src', 'guest']) {
  const source = join(root, folder);
  if (!existsSync(source)) continue;
  cpSync(source, join(dist, folder), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.ts'),
  });
}
