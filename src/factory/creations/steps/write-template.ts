/** The saved template's file: written, read again as a launch will read it, and taken back to the version before. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfPresent, writeDurably } from '../../../platform/files.ts';
import { latest } from '../../registry/channel.ts';
import { currentVersion } from '../../registry/current-version.ts';
import { setTemplateAmis } from '../../registry/set-template-amis.ts';
import { loadTemplate } from '../../templates/load-template.ts';
import type { CreationContext, RegisteredAs, WrittenTemplate } from '../creation-input.ts';
import { savedTags } from '../creation-tags.ts';
import type { CreationParts } from '../parts.ts';
import { savedTemplateText } from '../saved-template.ts';
import { placesOf } from './share-with.ts';

export async function writeTemplate(
  parts: CreationParts,
  context: CreationContext,
): Promise<WrittenTemplate> {
  const { target, region, instance, architecture } = context.input;
  const registered = asRegistered(context);
  const costPerHour = (await parts.prices.of(target)).instancePerHour(instance.type, region);
  if (registered.writesTemplate) {
    await parts.queue.run([registered.templateFile], () => write(context, registered, costPerHour));
  }
  const { digest, source } = await loadTemplate(registered.templateFile, {
    directories: parts.directories.templates,
    examples: true,
  });
  if (registered.writesTemplate) context.tell({ type: 'detail', text: registered.templateFile });
  return {
    file: registered.templateFile,
    digest,
    source,
    costPerHour: costPerHour === undefined ? {} : { [architecture]: costPerHour },
  };
}

async function write(
  context: CreationContext,
  { templateFile: file }: RegisteredAs,
  costPerHour: number | undefined,
): Promise<void> {
  const { input } = context;
  const before = await readIfPresent(file);
  const text = savedTemplateText(before, {
    name: input.template.slug,
    description: input.description,
    instanceName: input.instance.name,
    savedAt: `${input.createdAt.slice(0, 19)}Z`,
    architecture: input.architecture,
    images: placesOf(context),
    instanceType: input.instance.type,
    sshUser: input.instance.sshUser,
    ports: input.instance.ports,
    costPerHour,
    tags: { ...savedTags(input.template.slug), ...input.tags },
  });
  if (text === before) return;
  await mkdir(dirname(file), { recursive: true });
  await writeDurably(file, text);
}

function asRegistered({ input: { registered } }: CreationContext): RegisteredAs {
  if (registered === undefined) throw new Error('The image becomes no version, so there is no template');
  return registered;
}

/** Each of this creation's images gives its place to the version before it; a file that is left without any goes. */
export async function takeBackTemplate(parts: CreationParts, context: CreationContext): Promise<void> {
  const { target, template, architecture } = context.input;
  const { writesTemplate, templateFile: file } = asRegistered(context);
  if (!writesTemplate) return;
  await parts.queue.run([file], async () => {
    const text = await readIfPresent(file);
    if (text === undefined) return;
    const mine = placesOf(context).filter(({ imageId }) => text.includes(imageId));
    const settings = await Promise.all(
      mine.map(async ({ region }) => {
        const name = { target, template: template.slug, region, architecture, channel: latest };
        const current = await currentVersion(parts.db.read, name);
        return { region, architecture, ...(current === undefined ? {} : { imageId: current.imageId }) };
      }),
    );
    const { source } = setTemplateAmis(text, settings, file);
    if (/ami-[0-9a-f]{8,17}/.test(source)) await writeDurably(file, source);
    else await rm(file);
  });
}
