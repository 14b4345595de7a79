import { Command, Option } from 'commander';
import { type Role, roles } from '../../../api/access/roles.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print, printJson, say } from '../../output.ts';

interface AddOptions {
  readonly role: Role;
  readonly expiresIn?: string;
  readonly json?: true;
}

export function tokenAddCommand(): Command {
  return new Command('add')
    .description('Make a token, and print it: it is shown this once')
    .argument('<name>', 'whose it is: 1 to 63 of a-z, 0-9, ., _ and -')
    .addOption(
      new Option(
        '--role <role>',
        'a viewer looks, an operator builds, launches and deletes, an admin also gives tokens',
      )
        .choices(roles)
        .default('viewer'),
    )
    .option('--expires-in <time>', 'such as 90d or 12h; never unless told')
    .option('--json', 'print JSON for programs')
    .action(async (name: string, { role, expiresIn, json }: AddOptions) => {
      const context = await findContext();
      const asked = { name, role, ...(expiresIn === undefined ? {} : { expires_in: expiresIn }) };
      const token = await replied(apiClient(context).tokens.$post({ json: asked }), context.url);
      if (json) return printJson(token);
      print(token.secret);
      const until = token.expires_at === null ? '' : ` until ${token.expires_at}`;
      say(
        `${name} is ${article(role)} ${role}${until}: give this as INGOT_TOKEN, beside INGOT_URL=${context.url}`,
      );
    });
}

function article(role: Role): string {
  return role === 'viewer' ? 'a' : 'an';
}
