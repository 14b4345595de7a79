/** `targets.yaml` in a home: readable by its owner alone, since it may hold keys. Comments survive an edit. */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { problemLines, readYaml } from '../../platform/config-yaml.ts';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import { checkDocument, parseYaml } from '../../platform/yaml-document.ts';
import { type TargetSettings, targetsFileSchema, targetsOutlineSchema } from './settings.ts';

export type TargetsByName = Readonly<Record<string, TargetSettings>>;

export interface ReadTargets {
  readonly settings: TargetsByName;
  /** What is wrong with each of the others, by name: they are no reason to refuse these. */
  readonly mistakes: Readonly<Record<string, string>>;
}

export interface TargetsFile {
  /** Throws `DocumentError` where it isn't a list of targets at all. */
  read(): Promise<ReadTargets>;
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
      if (text === undefined) return { settings: {}, mistakes: {} };
      await chmod(file, 0o600);
      return readEach(text, file);
    },
    write: (name, settings) =>
      edited((document) => document.setIn(['targets', name], document.createNode(settings))),
    remove: (name) => edited((document) => document.deleteIn(['targets', name])),
  };
}

function readEach(text: string, file: string): ReadTargets {
  const { targets = {} } = readYaml(text, file, targetsOutlineSchema);
  const document = parseYaml(text, file);
  const settings: Record<string, TargetSettings> = {};
  const mistakes: Record<string, string> = {};
  for (const [name, entry] of Object.entries(targets)) {
    const checked = checkDocument(document, targetsFileSchema, { targets: { [name]: entry } });
    if ('problems' in checked) mistakes[name] = problemLines(checked.problems);
    else Object.assign(settings, checked.data.targets);
  }
  return { settings, mistakes };
}
