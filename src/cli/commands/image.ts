import type { Image } from '@aws-sdk/client-ec2';
import { Command } from 'commander';
import { findContext } from '../context.ts';
import { ec2Client } from '../ec2/client.ts';
import { regionOption } from '../options.ts';
import { age, type ListOptions, printList, stateStyle, withListOptions } from '../output.ts';
import { imageBaseCommand } from './image-base.ts';
import { imageExportCommand } from './image-export.ts';
import { imageImportCommand } from './image-import.ts';
import { transferCommand } from './image-transfer.ts';

export function imageCommand(): Command {
  return new Command('image')
    .description('Images to launch from')
    .addCommand(imageListCommand())
    .addCommand(imageBaseCommand())
    .addCommand(imageImportCommand())
    .addCommand(imageExportCommand())
    .addCommand(transferCommand('push'))
    .addCommand(transferCommand('pull'));
}

function imageListCommand(): Command {
  return withListOptions(
    new Command('list').alias('ls').description('List your images and the base images of a region'),
  )
    .addOption(regionOption())
    .action(async (options: ListOptions & { readonly region?: string }) => {
      const context = await findContext();
      const ec2 = await ec2Client(context, options.region ?? context.region);
      const { Images = [] } = await ec2.describeImages({ Owners: ['self', 'amazon'] });
      const rows = Images.map(toRow).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
      const columns = [
        { title: 'ID', value: (row: Row) => row.id },
        { title: 'NAME', value: (row: Row) => row.name },
        { title: 'STATE', value: (row: Row) => row.state, style: (row: Row) => stateStyle(row.state) },
        { title: 'ARCH', value: (row: Row) => row.architecture },
        { title: 'SIZE', value: (row: Row) => `${row.sizeGiB} GiB` },
        { title: 'OWNER', value: (row: Row) => row.owner },
        { title: 'CONSISTENCY', value: (row: Row) => row.consistency },
        { title: 'CREATED', value: (row: Row) => age(new Date(row.createdAt)) },
      ];
      printList(rows, columns, options, 'No images. A first one: ingot image base add tiny');
    });
}

type Row = ReturnType<typeof toRow>;

function toRow(image: Image) {
  const tags = Object.fromEntries((image.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const sizes = (image.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.VolumeSize ?? 0);
  return {
    id: image.ImageId ?? '',
    name: image.Name ?? '',
    state: image.State ?? '',
    architecture: image.Architecture ?? '',
    sizeGiB: sizes.reduce((sum, size) => sum + size, 0),
    owner: image.ImageOwnerAlias ?? image.OwnerId ?? '',
    public: image.Public ?? false,
    alias: tags['ingot:alias'] ?? '',
    consistency: tags['ingot:consistency'] ?? '',
    createdAt: image.CreationDate ?? '',
    tags,
  };
}
