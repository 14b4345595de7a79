/** Base images: built from their recipes on this machine, then made public images of the running cloud. */
import { join } from 'node:path';
import type { BaseImage, BaseName } from '../../guest/build.ts';
import type { Architecture } from '../platform/ids.ts';
import { adminClient, answered } from './admin-client.ts';
import { buildBaseHere } from './build-base.ts';
import type { Context } from './context.ts';

export function basesFolder(home: string): string {
  return join(home, 'bases');
}

/** Builds it, or takes the one built before, and registers it in every region. Answers with the image ids by region. */
export async function addBase(
  context: Context,
  name: BaseName,
  architecture: Architecture,
  onProgress: (line: string) => void,
): Promise<{ readonly base: BaseImage; readonly images: Readonly<Record<string, string>> }> {
  const base = await buildBaseHere({ name, architecture, directory: basesFolder(context.home), onProgress });
  onProgress('registering in every region');
  const { imageName, description, firmware, sshUser, file } = base;
  const json = { imageName, description, architecture, firmware, sshUser, file, alias: name };
  const { images } = await answered(adminClient(context).bases.$post({ json }), context.url);
  return { base, images };
}

export function hostArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}
