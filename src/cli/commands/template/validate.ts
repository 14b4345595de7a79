import { Command } from 'commander';
import { replied } from '../../api-client.ts';
import { problemLines, validateTemplate } from '../../checked-template.ts';
import { exitCodes } from '../../errors.ts';
import { paint, print, printJson } from '../../output.ts';
import { parametersOption, parseParameters } from '../../parameters.ts';
import { templatesClient } from '../../templates-client.ts';

interface Options {
  readonly json?: true;
  readonly param: readonly string[];
}

export function templateValidateCommand(): Command {
  return new Command('validate')
    .description('Check templates, and say all that is wrong with each: file, line, field, what is allowed')
    .argument('[templates...]', 'names or paths; all that are listed unless told')
    .addOption(parametersOption())
    .option('--json', 'print JSON for programs')
    .action(async (given: readonly string[], options: Options) => {
      const names = given.length > 0 ? given : await listed();
      const parameters = parseParameters(options.param);
      const results = [];
      for (const template of names) {
        results.push({ given: template, ...(await validateTemplate(template, parameters)) });
      }
      if (options.json) {
        printJson(results.map(({ given: template, valid, problems }) => ({ template, valid, problems })));
      } else {
        for (const { given: template, valid, problems } of results) {
          print(valid ? `${paint('green', '✓')} ${template}` : `${paint('red', '✗')} ${template}`);
          for (const line of problemLines(problems)) print(`  ${line}`);
        }
      }
      if (results.some(({ valid }) => !valid)) process.exitCode = exitCodes.failed;
    });
}

async function listed(): Promise<readonly string[]> {
  const { api, url, from } = await templatesClient();
  const { templates } = await replied(api.$get({ query: { from } }), url);
  return templates.map(({ file }) => file);
}
