import { resolve } from 'node:path';
import { Command } from 'commander';
import { adminClient, answered } from '../admin-client.ts';
import { hostArchitecture } from '../bases.ts';
import { findContext } from '../context.ts';
import {
  accountOf,
  type DiskFormat,
  type FollowedWork,
  followed,
  formatName,
  formatOfName,
  formatOption,
  size,
} from '../disk-files.ts';
import { ec2Client } from '../ec2/client.ts';
import { findImage, unknownImage } from '../ec2/find-image.ts';
import { regionOption } from '../options.ts';
import { print } from '../output.ts';
import { createStages } from '../stages.ts';

interface ExportOptions {
  readonly format?: DiskFormat;
  readonly device?: string;
  readonly force?: true;
  readonly region?: string;
}

export function imageExportCommand(): Command {
  return new Command('export')
    .description("Write an image's disk into a file: raw, qcow2, vmdk, vhd or vhdx")
    .argument('<image>', 'its id, name or alias')
    .argument('<file>', "on the server's machine; its ending says the format")
    .addOption(formatOption('the format, where the ending is another'))
    .option('--device <name>', 'which of its disks; the root unless told')
    .option('--force', 'take the place of a file that is there')
    .addOption(regionOption())
    .action(exportImage);
}

async function exportImage(image: string, given: string, options: ExportOptions): Promise<void> {
  const format = options.format ?? formatOfName(given);
  const found = await findContext();
  const context = { ...found, region: options.region ?? found.region };
  const file = resolve(given);
  const ec2 = await ec2Client(context, context.region);
  const chosen = await findImage(ec2, image, { architecture: hostArchitecture() });
  if (chosen === undefined) throw unknownImage(image, context.region);
  const json = {
    accountId: await accountOf(context),
    region: context.region,
    imageId: chosen.ImageId ?? '',
    overwrite: options.force === true,
    ...{ file, format },
    ...(options.device === undefined ? {} : { deviceName: options.device }),
  };
  const door = adminClient(context)['disk-files'];
  await createStages().run(
    `Exporting ${chosen.Name ?? image}`,
    (stage) =>
      followed(
        stage,
        async () => (await answered(door.exports.$post({ json }), context.url)) as FollowedWork,
      ),
    ({ bytesTotal }) => `${size(bytesTotal)} as ${formatName(format)}`,
  );
  print(file);
}
