import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Architecture, type BaseImage, type BaseName, baseFacts } from './base.ts';
import { buildDebian12 } from './debian-12/build-debian-12.ts';
import { missingPackages, missingPackagesMessage, requiredPackages } from './host-packages.ts';
import { withLock } from './lock.ts';
import type { Recipe } from './recipe.ts';
import { recipeDigest } from './recipe-digest.ts';
import { publishBase, readStoredBases, sha256OfFile, withdrawBase } from './store.ts';
import { buildTiny } from './tiny/build-tiny.ts';

export type { Architecture, BaseImage, BaseName } from './base.ts';
export { requiredPackages } from './host-packages.ts';

export interface BuildOptions {
  /** Where finished bases and downloaded packages are kept; made if missing. */
  readonly directory: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const recipes: Readonly<Record<BaseName, Recipe>> = {
  tiny: buildTiny,
  'debian-12': buildDebian12,
};

const scratchPrefix = '.building-';

/**
 * Builds the base image, or returns the one already there when its recipe and its checksum still match.
 * Takes about 20 s (tiny) or 2 minutes (debian-12) and needs root. One build at a time per directory.
 */
export async function buildBase(
  name: BaseName,
  architecture: Architecture,
  options: BuildOptions,
): Promise<BaseImage> {
  const facts = baseFacts(name, architecture);
  const directory = resolve(options.directory);
  const progress = options.onProgress ?? (() => undefined);
  const recipe = await recipeDigest(import.meta.dirname, facts.recipeFolders, `${name}/${architecture}`);
  await mkdir(directory, { recursive: true });

  return withLock(join(directory, '.lock'), options.signal, async () => {
    const cached = await findIntact(directory, name, architecture, recipe, options);
    if (cached !== undefined) return cached;

    const missing = await missingPackages(requiredPackages(name, architecture));
    if (missing.length > 0) throw new Error(missingPackagesMessage(`${name} for ${architecture}`, missing));
    if (process.getuid?.() !== 0) {
      throw new Error(
        `Building ${name} makes files owned by root inside the image, so it must run as root (try sudo).`,
      );
    }

    await removeAbandonedScratch(directory);
    const scratch = await mkdtemp(join(directory, scratchPrefix));
    try {
      const output = join(scratch, 'disk.qcow2');
      const packages = join(directory, 'packages', facts.debianArchitecture);
      const { virtualSizeBytes } = facts;
      await recipes[name]({
        architecture,
        virtualSizeBytes,
        scratch,
        packages,
        output,
        progress,
        signal: options.signal,
      });
      const sha256 = await sha256OfFile(output, options.signal);
      const version = `${dateStamp(new Date())}-${recipe.slice(0, 8)}`;
      const image = await publishBase(directory, output, {
        name,
        architecture,
        version,
        recipe,
        sha256,
        virtualSizeBytes,
      });
      progress(`built ${image.imageName}`);
      return image;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** Finished bases in the directory, oldest version first within a name. */
export async function listBases(directory: string): Promise<readonly BaseImage[]> {
  const stored = await readStoredBases(resolve(directory));
  return stored.map(({ image }) => image);
}

async function findIntact(
  directory: string,
  name: BaseName,
  architecture: Architecture,
  recipe: string,
  options: BuildOptions,
): Promise<BaseImage | undefined> {
  const stored = await readStoredBases(directory);
  const same = stored.filter(
    ({ image, recipe: made }) =>
      made === recipe && image.name === name && image.architecture === architecture,
  );
  for (const { image } of same.toReversed()) {
    const actual = await sha256OfFile(image.file, options.signal).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 'a file that is gone';
      throw error;
    });
    if (actual === image.sha256) return image;
    options.onProgress?.(
      `${image.imageName} is damaged (expected ${image.sha256}, found ${actual}): building it again`,
    );
    await withdrawBase(directory, image);
  }
  return undefined;
}

// Called under the lock, so whatever is there belongs to a build that was killed.
async function removeAbandonedScratch(directory: string): Promise<void> {
  const entries = await readdir(directory);
  const abandoned = entries.filter((entry) => entry.startsWith(scratchPrefix));
  await Promise.all(abandoned.map((entry) => rm(join(directory, entry), { recursive: true, force: true })));
}

function dateStamp(now: Date): string {
  return now.toISOString().slice(0, 10).replaceAll('-', '');
}
