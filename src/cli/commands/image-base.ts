import { Argument, Command } from 'commander';
import { type BaseName, knownBases } from '../../../guest/base.ts';
import { listBases } from '../../../guest/build.ts';
import type { Architecture } from '../../platform/ids.ts';
import { type ConsentOptions, consents } from '../ask.ts';
import { addBase, basesFolder, hostArchitecture } from '../bases.ts';
import { type Context, findContext } from '../context.ts';
import { baseImages, withdrawBaseImages } from '../ec2/base-images.ts';
import { ec2Client } from '../ec2/client.ts';
import { CliError, exitCodes } from '../errors.ts';
import { architectureOption, dryRunOption, yesOption } from '../options.ts';
import { type ListOptions, print, printList, say, withListOptions } from '../output.ts';
import { createStages } from '../stages.ts';

const names = [...new Set(knownBases().map((base) => base.split('/')[0] ?? ''))];

export function imageBaseCommand(): Command {
  return new Command('base')
    .description('Base images: built here from their recipes, public in every region')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(removeCommand());
}

function listCommand(): Command {
  return withListOptions(
    new Command('list').alias('ls').description('List the base images, and the recipes'),
  ).action(async (options: ListOptions) => {
    const context = await findContext();
    const ec2 = await ec2Client(context, context.region);
    const [registered, built] = await Promise.all([baseImages(ec2), listBases(basesFolder(context.home))]);
    const rows = knownBases().map((recipe) => {
      const [name = '', architecture = ''] = recipe.split('/');
      const image = registered.find((each) => each.alias === name && each.architecture === architecture);
      const disk = built.findLast((each) => each.name === name && each.architecture === architecture);
      return {
        name,
        architecture,
        imageName: image?.name ?? '',
        id: image?.id ?? '',
        file: disk?.file ?? '',
      };
    });
    type Row = (typeof rows)[number];
    const columns = [
      { title: 'NAME', value: (row: Row) => row.name },
      { title: 'ARCH', value: (row: Row) => row.architecture },
      { title: 'IMAGE', value: (row: Row) => row.imageName || 'not added' },
      { title: `ID IN ${context.region}`, value: (row: Row) => row.id || '-' },
    ];
    printList(rows, columns, options, 'There are no recipes');
  });
}

function addCommand(): Command {
  return new Command('add')
    .description('Build a base image on this machine and make it a public image in every region')
    .addArgument(new Argument('<name>', 'which recipe').choices(names))
    .addOption(architectureOption())
    .action(async (name: BaseName, options: { readonly arch?: Architecture }) => {
      const context = await findContext();
      const architecture = checkedArchitecture(name, options.arch);
      const { images } = await createStages().run(
        `Building ${name} for ${architecture}`,
        (stage) => addBase(context, name, architecture, stage.update),
        ({ base }) => base.imageName,
      );
      for (const [region, id] of Object.entries(images)) print(`${region.padEnd(12)} ${id}`);
    });
}

function removeCommand(): Command {
  return new Command('remove')
    .alias('rm')
    .description('Deregister a base image in every region; machines launched from it keep running')
    .addArgument(new Argument('<name>', 'which one').choices(names))
    .addOption(architectureOption())
    .addOption(yesOption())
    .addOption(dryRunOption())
    .action(async (name: BaseName, options: ConsentOptions & { readonly arch?: Architecture }) => {
      const context = await findContext();
      const architecture = checkedArchitecture(name, options.arch);
      await remove(context, { name, architecture }, options);
    });
}

async function remove(
  context: Context,
  base: { readonly name: BaseName; readonly architecture: Architecture },
  options: ConsentOptions,
): Promise<void> {
  const isIt = (each: { readonly alias: string; readonly architecture: string }) =>
    each.alias === base.name && each.architecture === base.architecture;
  const images = (await baseImages(await ec2Client(context, context.region))).filter(isIt);
  if (images.length === 0) {
    throw new CliError(`${base.name} for ${base.architecture} has not been added`, {
      exitCode: exitCodes.notFound,
    });
  }
  say(`${options.dryRun ? 'Would deregister' : 'To deregister'} in every region:`);
  for (const image of images) say(`  ${image.name}`);
  if (await consents('Deregister it?', options)) {
    const imageNames = images.map((image) => image.name);
    const gone = await withdrawBaseImages(context, imageNames);
    say(`Deregistered ${gone} images. The disk stays under ${basesFolder(context.home)} for the next add`);
  }
}

function checkedArchitecture(name: BaseName, given: Architecture | undefined): Architecture {
  const architecture = given ?? hostArchitecture();
  if (knownBases().includes(`${name}/${architecture}`)) return architecture;
  throw new CliError(`No recipe builds ${name} for ${architecture}; there are ${knownBases().join(', ')}`, {
    exitCode: exitCodes.usage,
  });
}
