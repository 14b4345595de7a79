/** The files that a step copies or depends on: found, hashed, and read for the parameters that they name. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, posix, relative, resolve } from 'node:path';
import type { StepFile } from './template.ts';

/** Larger files aren't searched for parameters: nobody writes a script of that size. */
const longestScriptBytes = 256 * 1024;

export interface FileToCopy {
  readonly source: string;
  readonly target: string;
  readonly mode?: string | undefined;
}

/** A folder stands for all files in it. Throws an `Error` in words for the template's author where there is none. */
export async function filesToCopy(
  directory: string,
  { source, target, mode }: FileToCopy,
): Promise<readonly StepFile[]> {
  const from = resolve(directory, source);
  const found = await filesAt(from, source);
  const isFolder = found.length !== 1 || found[0] !== from;
  return await Promise.all(
    found.map(async (file) => {
      const place = isFolder ? posix.join(target, relative(from, file)) : inFolder(target, file);
      return { source: file, target: place, digest: await digestOf(file), mode: await modeOf(file, mode) };
    }),
  );
}

export interface InputFile {
  /** Absolute. */
  readonly file: string;
  /** 'path sha256', the path from the template. */
  readonly input: string;
}

/** Each file that an input stands for. */
export async function inputFiles(directory: string, input: string): Promise<readonly InputFile[]> {
  const found = await filesAt(resolve(directory, input), input);
  return await Promise.all(
    found.map(async (file) => ({ file, input: `${relative(directory, file)} ${await digestOf(file)}` })),
  );
}

/** The text of a file that is small enough to be a script. */
export async function scriptText(file: string): Promise<string> {
  const { size } = await stat(file);
  return size > longestScriptBytes ? '' : await readFile(file, 'latin1');
}

async function filesAt(path: string, given: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new Error(`there is no file or folder '${given}'; it was looked for at ${path}`);
  if (found.isFile()) return [path];
  if (!found.isDirectory()) throw new Error(`'${given}' is neither a file nor a folder`);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.toSorted();
}

function inFolder(target: string, file: string): string {
  return target.endsWith('/') ? `${target}${basename(file)}` : target;
}

async function modeOf(file: string, given: string | undefined): Promise<number> {
  if (given !== undefined) return Number.parseInt(given, 8);
  const { mode } = await stat(file);
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
