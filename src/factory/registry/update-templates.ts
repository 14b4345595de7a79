/** Writing current image ids into templates' files, so that a launch finds them without any registry. */
import { readFile, stat } from 'node:fs/promises';
import { writeDurably } from '../../platform/files.ts';
import type { Architecture } from '../../platform/ids.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { slugOf, type TemplateFile, templateFiles } from '../templates/find-template.ts';
import { templatePlaces } from '../templates/places.ts';
import { findVersions } from './find-versions.ts';
import { listChannels } from './set-channel.ts';
import { type AmiSetting, setTemplateAmis } from './set-template-amis.ts';

export interface TemplatesUpdate {
  readonly target: string;
  readonly channel: string;
  /** Only these; every template that has versions unless told. */
  readonly templates?: readonly string[] | undefined;
  readonly region?: string | undefined;
  readonly architecture?: Architecture | undefined;
  /** The folder of whoever asks: its `templates/` counts too. */
  readonly from?: string | undefined;
  readonly dryRun: boolean;
}

export interface UpdatedTemplate extends TemplateFile {
  readonly changed: readonly AmiSetting[];
  /** Settings that were so already. */
  readonly same: number;
}

/** Templates that ship with Ingot are nobody's to change, and are left out. */
export async function updateTemplates(
  { db, directories }: Pick<Factory, 'db' | 'directories'>,
  update: TemplatesUpdate,
): Promise<readonly UpdatedTemplate[]> {
  const files = await ownTemplates(directories.templates, update);
  const updated: UpdatedTemplate[] = [];
  for (const { slug, file } of files) {
    const source = await readFile(file, 'utf8');
    const settings = await settingsFor(db, slug, source, update);
    if (settings.length === 0) continue;
    const result = setTemplateAmis(source, settings, file);
    if (result.changed.length > 0 && !update.dryRun) await replace(file, result.source);
    updated.push({ slug, file, changed: result.changed, same: settings.length - result.changed.length });
  }
  return updated;
}

async function ownTemplates(
  directories: readonly string[],
  { from, templates }: TemplatesUpdate,
): Promise<readonly TemplateFile[]> {
  const shipped = new Set(directories.slice(1));
  const places = templatePlaces(directories, from).directories;
  const own = places.filter((directory) => !shipped.has(directory) || directory === `${from}/templates`);
  const files = await templateFiles(own);
  if (templates === undefined) return files;
  return templates.map((name) => {
    if (name.startsWith('/')) return { slug: slugOf(name), file: name };
    const found = files.find(({ slug }) => slug === name);
    if (found !== undefined) return found;
    throw new FactoryError('not-found', `There is no template '${name}' to write to in ${own.join(', ')}`);
  });
}

/** What the channel points to; and an id that stands there but is revoked goes, where nothing takes its place. */
async function settingsFor(
  db: Factory['db'],
  template: string,
  source: string,
  { target, channel, region, architecture }: TemplatesUpdate,
): Promise<readonly AmiSetting[]> {
  const places = { target, template, region, architecture };
  const pointers = await listChannels(db.read, { ...places, channel });
  const current = pointers.map((pointer): AmiSetting => {
    return { region: pointer.region, architecture: pointer.architecture, imageId: pointer.imageId };
  });
  const filled = new Set(current.map(placeOf));
  const withdrawn = (await findVersions(db.read, places))
    .filter(({ revoked, imageId }) => revoked !== undefined && source.includes(imageId))
    .filter((version) => !filled.has(placeOf(version)))
    .map((version): AmiSetting => ({ region: version.region, architecture: version.architecture }));
  return [...current, ...withdrawn];
}

function placeOf({ region, architecture }: Pick<AmiSetting, 'region' | 'architecture'>): string {
  return `${region} ${architecture}`;
}

async function replace(file: string, source: string): Promise<void> {
  const { mode } = await stat(file);
  await writeDurably(file, source, { mode: mode & 0o777 });
}
