/** `targets.yaml` in a home: readable by its owner alone, since it may hold keys. Comments survive an edit. */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { readYaml } from '../../platform/config-yaml.ts';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import { type TargetSettings, targetsFileSchema } from './settings.ts';

export type TargetsByName = Readonly<Record<string, TargetSettings>>;

export interface TargetsFile {
  /** Throws `DocumentError` with every mistake in the file. */
  read(): Promise<TargetsByName>;
  write(name: string, settings: TargetSettings): Promise<void>;
  remove(name: string): Promise<void>;
}

export function targetsFile(directory: string): TargetsFile {
  const file = join(directory, 'targets.yaml');
  const edited = async (change: (document: ReturnType<typeof parseDocument>) => void) => {
    const document = parseDocument((await readIfPresent(file)) ?? '');
    change(document);
    await writeDurably(file, document.toString(), { mode: 0o600 });
  };
  return {
    async read() {
      const text = await readIfPresent(file);
      if (text === undefined) return {};
      await chmod(file, 0o600);
      return readYaml(text, file, targetsFileSchema).targets ?? {};
    },
    write: (name, settings) =>
      edited((document) => document.setIn(['targets', name], document.createNode(settings))),
    remove: (name) => edited((document) => document.deleteIn(['targets', name])),
  };
}
