import { Command } from 'commander';
import { findContext } from '../../context.ts';
import { previewLaunch, requireImage } from '../../launch/choose-image.ts';
import { previewLines } from '../../launch/launch-lines.ts';
import { print, printJson } from '../../output.ts';
import { type PlaceOptions, withPlaces } from '../../registry/places.ts';

interface PreviewOptions extends PlaceOptions {
  readonly size?: string;
  readonly json?: true;
}

export function amiPreviewCommand(): Command {
  return withPlaces(new Command('preview'))
    .description('Show what a launch of a name would do and cost; nothing is launched')
    .argument('<name>', 'what ingot launch takes: a template, an image, a base image')
    .option('-s, --size <size>', 'S, M, L, XL, GPU-L or an EC2 instance type')
    .option('--json', 'print JSON for programs')
    .action(async (name: string, options: PreviewOptions) => {
      const context = await findContext();
      const { target, region = context.region, architecture, size } = options;
      const question = {
        ...{ name, target, region, from: process.cwd() },
        ...(architecture === undefined ? {} : { architecture }),
        ...(size === undefined ? {} : { size }),
      };
      const preview = await previewLaunch(context, question);
      if (options.json) return printJson(preview);
      requireImage(question, preview);
      for (const line of previewLines(preview)) print(line);
    });
}
