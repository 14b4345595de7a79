import { resolve } from 'node:path';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { architectureOption } from '../../options.ts';
import { print, printJson, say } from '../../output.ts';

interface Options {
  readonly target: string;
  readonly region?: string;
  readonly arch?: 'x86_64' | 'arm64';
  readonly json?: true;
}

export function importDeploymentsCommand(): Command {
  return new Command('import')
    .description('Take over the records of an earlier deployment manager: its jobs table, with its images')
    .argument('<file>', 'its SQLite database')
    .option('-t, --target <target>', 'where its machines and images are', 'local')
    .option('-r, --region <region>', "of records that name none; the target's first unless told")
    .addOption(architectureOption())
    .option('--json', 'print JSON for programs')
    .action(async (file: string, { target, region, arch, json }: Options) => {
      const context = await findContext();
      const request = {
        ...{ file: resolve(file), target },
        ...(region === undefined ? {} : { region }),
        ...(arch === undefined ? {} : { architecture: arch }),
      };
      const done = await replied(apiClient(context).deployments.import.$post({ json: request }), context.url);
      if (json) return printJson(done);
      for (const id of done.imported) print(id);
      say(`${done.imported.length} imported, ${done.known.length} were here already`);
    });
}
