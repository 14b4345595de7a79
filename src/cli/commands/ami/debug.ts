import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print, say } from '../../output.ts';

const patienceMs = 60_000;

export function amiDebugCommand(): Command {
  return new Command('debug')
    .description("Open a shell in a build's machine: one that failed and was kept, or one that still runs")
    .argument('<build>', 'the id of the build')
    .option('--print-key', 'print the private key, for another SSH client')
    .action(async (id: string, options: { readonly printKey?: true }) => {
      const context = await findContext();
      const request = apiClient(context).builds[':build_id'].login.$get({ param: { build_id: id } });
      const login = await replied(request, context.url);
      const { host, port, user, private_key: privateKey } = login;
      if (options.printKey) {
        say(`ssh -p ${port} ${user}@${host}`);
        return print(privateKey.trimEnd());
      }
      if (login.failed_step !== null) {
        say(`The failed step's script and output: sudo ls ${login.failed_step}`);
      }
      say(`When it is mended: ingot ami resume ${id}`);
      const [{ openSsh }, { runShell }] = await Promise.all([
        import('../../ssh/open.ts'),
        import('../../ssh/run.ts'),
      ]);
      const target = { instanceId: login.instance_id, host, port, user };
      const key = { privateKey, publicKey: '', file: `the key of ${id}` };
      const client = await openSsh(target, { home: context.home, patienceMs, key });
      try {
        process.exitCode = await runShell(client);
      } finally {
        client.end();
      }
    });
}
