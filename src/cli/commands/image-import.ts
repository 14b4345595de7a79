import { resolve } from 'node:path';
import { isCancel, select } from '@clack/prompts';
import { Command, Option } from 'commander';
import type { Architecture, Firmware } from '../../platform/ids.ts';
import { adminClient, answered } from '../admin-client.ts';
import { findContext } from '../context.ts';
import { accountOf, type DiskFormat, followed, formatName, formatOption, size } from '../disk-files.ts';
import { CliError, exitCodes } from '../errors.ts';
import { architectureOption, architectures, regionOption } from '../options.ts';
import { print } from '../output.ts';
import { createStages } from '../stages.ts';

interface ImportOptions {
  readonly name: string;
  readonly arch?: Architecture;
  readonly firmware?: Firmware;
  readonly sshUser?: string;
  readonly description?: string;
  readonly format?: DiskFormat;
  readonly region?: string;
}

interface DiskFacts {
  readonly format: DiskFormat;
  readonly sizeBytes: number;
  readonly bios: boolean;
  readonly uefi: boolean;
  readonly architecture?: Architecture;
}

export function imageImportCommand(): Command {
  return new Command('import')
    .description('Make an image of a disk file: raw, qcow2, vmdk, vhd or vhdx')
    .argument('<file>', "on the server's machine")
    .requiredOption('-n, --name <name>', 'the name of the image')
    .addOption(architectureOption())
    .addOption(new Option('--firmware <firmware>', 'what it boots by').choices(['bios', 'uefi']))
    .option('--ssh-user <user>', 'whom ingot connect logs in as')
    .option('--description <text>', 'the description of the image')
    .addOption(formatOption("the file's format, where its bytes don't tell it"))
    .addOption(regionOption())
    .action(importImage);
}

async function importImage(given: string, options: ImportOptions): Promise<void> {
  const found = await findContext();
  const context = { ...found, region: options.region ?? found.region };
  const { 'disk-files': door } = adminClient(context);
  const file = resolve(given);
  const stages = createStages();
  const facts = await stages.run(
    'Looking at the disk',
    async () => {
      const { format } = options;
      const json = { file, ...(format === undefined ? {} : { format }) };
      return (await answered(door.inspect.$post({ json }), context.url)) as DiskFacts;
    },
    told,
  );
  const architecture = options.arch ?? facts.architecture ?? (await askArchitecture(given));
  const firmware = options.firmware ?? firmwareOf(facts, architecture);
  const imageId = await stages.run(
    `Importing as ${options.name}`,
    async (stage) => {
      const { name, description, sshUser } = options;
      const json = {
        accountId: await accountOf(context),
        region: context.region,
        ...{ file, name, architecture, firmware, format: facts.format },
        ...(description === undefined ? {} : { description }),
        ...(sshUser === undefined ? {} : { sshUser }),
      };
      const { snapshotId } = await answered(door.imports.$post({ json }), context.url);
      const ask = () => answered(door.imports[':snapshotId'].$get({ param: { snapshotId } }), context.url);
      return (await followed(stage, ask)).imageId ?? '';
    },
    (id) => id,
  );
  print(imageId);
}

function told({ format, sizeBytes, bios, uefi, architecture }: DiskFacts): string {
  const boots =
    [...(bios ? ['BIOS'] : []), ...(uefi ? ['UEFI'] : [])].join(' and ') || 'by what it does not say';
  return `${formatName(format)}, ${size(sizeBytes)}, boots ${boots}, ${architecture ?? 'unknown architecture'}`;
}

/** Where both are there BIOS is taken: it starts sooner, and needs no firmware's files. */
function firmwareOf({ bios, uefi }: DiskFacts, architecture: Architecture): Firmware {
  if (architecture === 'arm64' || (uefi && !bios)) return 'uefi';
  return 'bios';
}

async function askArchitecture(file: string): Promise<Architecture> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CliError(
      `Nothing on ${file} says for certain which processors it is for; give --arch ${architectures.join(' or ')}`,
      { exitCode: exitCodes.usage },
    );
  }
  const answer = await select({
    message: 'Which processors is the disk for?',
    options: architectures.map((value) => ({ value, label: value })),
  });
  if (isCancel(answer)) throw new CliError('Nothing was imported', { exitCode: exitCodes.declined });
  return answer;
}
